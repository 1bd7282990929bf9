import type { StackEvent } from '../cloudformation/cloudformation.ts';
import { constructName } from './construct-name.ts';
import { indent, line, type SafeText, style, visible } from './style.ts';

/** Widths of the columns, so that the lines align. */
const STATUS_WIDTH = 15;
const TYPE_WIDTH = 30;
const NAME_WIDTH = 60;

/** Prints one line for each operation on a resource when it ends. */
export class Progress {
  private readonly print: (line: SafeText) => void;
  private readonly started = new Map<string, number>();

  constructor(print: (line: SafeText) => void) {
    this.print = print;
  }

  onEvent(event: StackEvent): void {
    const { logicalId, status, time, type, reason } = event;
    if (status.endsWith('_IN_PROGRESS')) {
      if (!this.started.has(logicalId)) this.started.set(logicalId, time);
      return;
    }
    const seconds = (time - (this.started.get(logicalId) ?? time)) / 1000;
    this.started.delete(logicalId);
    if (type === 'AWS::CloudFormation::Stack') return;
    const failed = status.endsWith('_FAILED');
    const state = style(failed ? 'red' : 'green', status.padEnd(STATUS_WIDTH));
    const took = visible(`${seconds.toFixed(1).padStart(5)} s`);
    const kind = style('dim', type.padEnd(TYPE_WIDTH));
    this.print(line`  ${state} ${took}  ${kind} ${visible(nameOf(event))}`);
    if (failed && reason) this.print(indent(indent(visible(reason))));
  }
}

function nameOf({ path, logicalId }: StackEvent): string {
  const name = constructName(path, logicalId);
  return name.length > NAME_WIDTH ? `${name.slice(0, NAME_WIDTH - 1)}…` : name;
}
