import type { FunctionConfiguration } from '../aws/lambda/lambda.ts';
import type { StackArtifact } from '../cloudformation/assembly.ts';
import type { StackState } from '../cloudformation/cloudformation.ts';
import { FOREIGN_HOST } from '../page/foreign-webhooks.ts';
import type { Sandbox } from '../sandbox.ts';
import type { Bot } from '../telegram/bot.ts';
import { findLocalBots, type LocalBot } from './bots.ts';
import { constructName } from './construct-name.ts';
import { People } from './people.ts';
import { type Progress, TableProgress } from './progress.ts';
import { isError, readableLog } from './readable-log.ts';
import { note } from './status-line.ts';
import { indent, line, type SafeText, style, visible } from './style.ts';

type Print = (text: SafeText) => void;

/** How long one stack may take to be destroyed. It takes seconds, and nothing outside this machine is at stake. */
const DESTROY_LIMIT_MS = 120_000;

/** Deploys the app's stacks to the sandbox and destroys them, reporting each step. */
export class Staging {
  readonly sandbox: Sandbox;
  readonly people: People;
  private readonly provided: Bot[];
  private readonly stacks: readonly StackArtifact[];
  private readonly progress: Progress;
  private readonly deployed: StackArtifact[] = [];
  private readonly shownErrors = new Set<string>();

  /** @throws Error when the app has no bot */
  constructor(
    sandbox: Sandbox,
    stacks: readonly StackArtifact[],
    progress: Progress = new TableProgress(),
  ) {
    this.sandbox = sandbox;
    this.people = new People(sandbox.telegram);
    this.progress = progress;
    this.stacks = stacks;
    this.provided = stacks.flatMap((stack) => sandbox.provideBots(stack));
    if (this.provided.length === 0) throw new Error('No stack in the app has a TelegramBot.');
  }

  get bots(): readonly Bot[] {
    return this.provided;
  }

  /**
   * Deploys the stacks of a changed app, as `cdk deploy` does: a stack that is no longer in the app stays.
   *
   * @returns whether all succeeded; what has failed is already rolled back
   */
  async redeploy(stacks: readonly StackArtifact[], print: Print): Promise<boolean> {
    const { cloudFormation } = this.sandbox;
    return this.showingLoadFailures(print, async () => {
      for (const stack of stacks) {
        this.provided.push(...this.sandbox.provideBots(stack, { onlyNew: true }));
        if (!this.deployed.some(({ name }) => name === stack.name)) this.deployed.push(stack);
        const { status, reason } = await cloudFormation.deploy(stack);
        if (/^(CREATE|UPDATE)_COMPLETE$/.test(status)) continue;
        print(
          style(
            'red',
            `${stack.name} could not be deployed, and was rolled back: ${reason ?? status}`,
          ),
        );
        return false;
      }
      return true;
    });
  }

  /** Deploys the stacks in order. @returns whether all succeeded; a failed stack is already rolled back */
  async deploy(interrupted: AbortSignal): Promise<boolean> {
    return this.showingLoadFailures(note, () => this.deployStacks(interrupted));
  }

  private async showingLoadFailures<T>(print: Print, deploy: () => Promise<T>): Promise<T> {
    const { lambda } = this.sandbox.aws;
    lambda.onLoadFailure = (configuration, error) =>
      this.showLoadFailure(configuration, error, print);
    try {
      return await deploy();
    } finally {
      lambda.onLoadFailure = undefined;
    }
  }

  private async deployStacks(interrupted: AbortSignal): Promise<boolean> {
    for (const stack of this.stacks) {
      if (interrupted.aborted) return false;
      this.deployed.push(stack);
      const state = await this.shown('Deploying', stack, () =>
        this.sandbox.cloudFormation.deploy(stack),
      );
      if (!isComplete(state, 'CREATE')) {
        this.showErrors();
        note(style('red', `${stack.name} could not be deployed, for the reason shown above.`));
        return false;
      }
    }
    return !interrupted.aborted;
  }

  /** Prints why a function cannot be loaded: the reason of the failed deploy may not say. */
  private showLoadFailure(
    { constructPath, name }: FunctionConfiguration,
    error: string,
    print: Print,
  ): void {
    const { errorType, errorMessage, trace: stackTrace } = JSON.parse(error);
    const text = readableLog(JSON.stringify({ message: { errorType, errorMessage, stackTrace } }));
    if (this.shownErrors.has(text)) return;
    this.shownErrors.add(text);
    print(style('red', `${constructName(constructPath, name)} cannot be loaded:`));
    print(style('dim', indent(visible(text))));
  }

  /**
   * Prints the errors that the functions have logged, except those that are the reason of a failure. AWS deletes their
   * logs with a rolled-back stack.
   */
  private showErrors(): void {
    const { aws, cloudFormation } = this.sandbox;
    const reasons = cloudFormation.events.map(({ reason = '' }) => reason).join('\n');
    const errors = aws.logs.lines().filter(isError).map(readableLog);
    for (const error of new Set(errors)) {
      const [, message = ''] = /^(?:\w*Error: )?(.*)/.exec(error) ?? [];
      if (this.shownErrors.has(error) || reasons.includes(message)) continue;
      note(style('dim', indent(visible(error))));
    }
  }

  /** Returns the stacks that were deployed and are not deleted. */
  get states(): StackState[] {
    const { cloudFormation } = this.sandbox;
    return this.deployed.flatMap(({ name }) => cloudFormation.describe(name) ?? []);
  }

  /** Returns the bots with the resources that run them. */
  findLocalBots(): LocalBot[] {
    return findLocalBots(this.sandbox.aws, this.states, this.bots);
  }

  /** Destroys the stacks, the last one first. @throws Error when a stack or a webhook remains */
  async destroy(limitMs = DESTROY_LIMIT_MS): Promise<void> {
    for (const stack of this.deployed.reverse()) {
      const { name } = stack;
      const state = await this.shown('Destroying', stack, () => this.destroyInTime(name, limitMs));
      if (!isComplete(state, 'DELETE')) throw new Error(`${name} was not deleted: ${state.reason}`);
    }
    for (const bot of this.bots) {
      const { id, user } = bot;
      const { url } = this.sandbox.telegram.webhook(id) ?? {};
      if (url !== undefined && new URL(url).hostname === FOREIGN_HOST) {
        note(
          line`@${visible(user.username)} keeps the webhook at ${visible(FOREIGN_HOST)} that the page has set: a destroy removes only the app's own.`,
        );
        continue;
      }
      if (url !== undefined) throw new Error(`@${user.username} still has a webhook.`);
      const name = visible(`@${user.username}`);
      note(
        this.sandbox.isElsewhere(bot)
          ? line`Nothing is left here. On Telegram, the webhook of ${name} was never touched.`
          : line`${name} no longer has a webhook. Nothing is left.`,
      );
    }
  }

  /** Shows the progress of an operation on a stack. */
  private async shown(
    operation: 'Deploying' | 'Destroying',
    { name, template }: StackArtifact,
    operate: () => Promise<StackState>,
  ): Promise<StackState> {
    this.progress.start(operation, name, Object.keys(template.Resources).length);
    let succeeded = false;
    try {
      const state = await operate();
      succeeded = isComplete(state, operation === 'Deploying' ? 'CREATE' : 'DELETE');
      return state;
    } finally {
      this.progress.end(succeeded);
    }
  }

  private async destroyInTime(name: string, limitMs: number): Promise<StackState> {
    const { clock, cloudFormation } = this.sandbox;
    const destroyed = new AbortController();
    const late = clock.sleep(limitMs, destroyed.signal).then(() => {
      throw new Error(
        `${name} was not destroyed within ${limitMs / 1000} seconds: one of its functions probably does not respond. ` +
          'The sandbox was ended without it, and nothing is left on this machine.',
      );
    });
    try {
      return await Promise.race([cloudFormation.destroy(name), late]);
    } finally {
      destroyed.abort();
    }
  }
}

function isComplete({ status }: StackState, operation: 'CREATE' | 'DELETE'): boolean {
  return status === `${operation}_COMPLETE`;
}
