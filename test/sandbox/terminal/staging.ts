import type { StackArtifact } from '../cloudformation/assembly.ts';
import type { StackState } from '../cloudformation/cloudformation.ts';
import type { Sandbox } from '../sandbox.ts';
import type { Bot } from '../telegram/bot.ts';
import { isError, readableLog } from './readable-log.ts';
import { indent, note, style } from './style.ts';

/** The app's stacks on the sandbox, from their deploy to their destruction, told step by step. */
export class Staging {
  readonly sandbox: Sandbox;
  readonly bots: readonly Bot[];
  private readonly stacks: readonly StackArtifact[];
  private readonly deployed: StackArtifact[] = [];

  /** @throws Error for an app without a bot */
  constructor(sandbox: Sandbox, stacks: readonly StackArtifact[]) {
    this.sandbox = sandbox;
    this.stacks = stacks;
    this.bots = stacks.flatMap((stack) => sandbox.provideBots(stack));
    if (this.bots.length === 0) throw new Error('No stack of the app has a TelegramBot.');
  }

  /** @returns whether every stack came up; one that did not is rolled back already */
  async deploy(interrupted: AbortSignal): Promise<boolean> {
    for (const stack of this.stacks) {
      if (interrupted.aborted) return false;
      note(`\nDeploying ${style('bold', stack.name)}`);
      this.deployed.push(stack);
      const state = await this.sandbox.cloudFormation.deploy(stack);
      if (!isComplete(state, 'CREATE')) {
        this.showErrors();
        note(style('red', `${stack.name} could not be deployed, for the reason above.`));
        return false;
      }
    }
    return !interrupted.aborted;
  }

  /** What the functions have logged of errors; AWS would have deleted it with the rolled back stack. */
  private showErrors(): void {
    const errors = this.sandbox.aws.logs.lines().filter(isError).map(readableLog);
    for (const error of new Set(errors)) note(style('dim', indent(error)));
  }

  output(name: string): string | undefined {
    const states = this.deployed.map(({ name: stack }) =>
      this.sandbox.cloudFormation.describe(stack),
    );
    return states.find((state) => state?.outputs[name] !== undefined)?.outputs[name];
  }

  /** @throws Error when a stack, or a webhook of one, is left */
  async destroy(): Promise<void> {
    for (const { name } of this.deployed.reverse()) {
      note(`\nDestroying ${style('bold', name)}`);
      const state = await this.sandbox.cloudFormation.destroy(name);
      if (!isComplete(state, 'DELETE')) throw new Error(`${name} is left behind: ${state.reason}`);
    }
    for (const { id, user } of this.bots) {
      if (this.sandbox.telegram.webhook(id)) {
        throw new Error(`@${user.username} still has a webhook.`);
      }
      note(`@${user.username} has no webhook any more. Nothing is left.`);
    }
  }
}

function isComplete({ status }: StackState, operation: 'CREATE' | 'DELETE'): boolean {
  return status === `${operation}_COMPLETE`;
}
