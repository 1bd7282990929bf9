import type { StackEvent } from '../cloudformation/cloudformation.ts';
import { indent, style } from './style.ts';

/** Widths of the columns, so that the lines align. */
const STATUS_WIDTH = 15;
const TYPE_WIDTH = 30;
const NAME_WIDTH = 60;

/** Prints one line for each operation on a resource when it ends. */
export class Progress {
  private readonly print: (line: string) => void;
  private readonly started = new Map<string, number>();

  constructor(print: (line: string) => void) {
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
    const took = `${seconds.toFixed(1).padStart(5)} s`;
    this.print(`  ${state} ${took}  ${style('dim', type.padEnd(TYPE_WIDTH))} ${nameOf(event)}`);
    if (failed && reason) this.print(indent(indent(reason)));
  }
}

/** Returns the construct's path within its stack, as in the app's code, cut if it is long. */
function nameOf({ path, logicalId }: StackEvent): string {
  const name = path?.split('/').slice(1).join('/') || logicalId;
  const short = name.replace(/(\/(Resource|Default))+$/, '');
  return short.length > NAME_WIDTH ? `${short.slice(0, NAME_WIDTH - 1)}…` : short;
}
