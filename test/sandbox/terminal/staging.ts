import type { StackArtifact } from '../cloudformation/assembly.ts';
import type { StackState } from '../cloudformation/cloudformation.ts';
import type { Sandbox } from '../sandbox.ts';
import type { Bot } from '../telegram/bot.ts';
import { isError, readableLog } from './readable-log.ts';
import { indent, note, style } from './style.ts';

/** Deploys the app's stacks to the sandbox and destroys them, reporting each step. */
export class Staging {
  readonly sandbox: Sandbox;
  readonly bots: readonly Bot[];
  private readonly stacks: readonly StackArtifact[];
  private readonly deployed: StackArtifact[] = [];

  /** @throws Error when the app has no bot */
  constructor(sandbox: Sandbox, stacks: readonly StackArtifact[]) {
    this.sandbox = sandbox;
    this.stacks = stacks;
    this.bots = stacks.flatMap((stack) => sandbox.provideBots(stack));
    if (this.bots.length === 0) throw new Error('No stack in the app has a TelegramBot.');
  }

  /** Deploys the stacks in order. @returns whether all succeeded; a failed stack is already rolled back */
  async deploy(interrupted: AbortSignal): Promise<boolean> {
    for (const stack of this.stacks) {
      if (interrupted.aborted) return false;
      note(`\nDeploying ${style('bold', stack.name)}`);
      this.deployed.push(stack);
      const state = await this.sandbox.cloudFormation.deploy(stack);
      if (!isComplete(state, 'CREATE')) {
        this.showErrors();
        note(style('red', `${stack.name} could not be deployed, for the reason shown above.`));
        return false;
      }
    }
    return !interrupted.aborted;
  }

  /** Prints the errors that the functions have logged. AWS deletes their logs with a rolled-back stack. */
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

  /** Destroys the stacks, the last one first. @throws Error when a stack or a webhook remains */
  async destroy(): Promise<void> {
    for (const { name } of this.deployed.reverse()) {
      note(`\nDestroying ${style('bold', name)}`);
      const state = await this.sandbox.cloudFormation.destroy(name);
      if (!isComplete(state, 'DELETE')) throw new Error(`${name} was not deleted: ${state.reason}`);
    }
    for (const { id, user } of this.bots) {
      if (this.sandbox.telegram.webhook(id)) {
        throw new Error(`@${user.username} still has a webhook.`);
      }
      note(`@${user.username} no longer has a webhook. Nothing is left.`);
    }
  }
}

function isComplete({ status }: StackState, operation: 'CREATE' | 'DELETE'): boolean {
  return status === `${operation}_COMPLETE`;
}
