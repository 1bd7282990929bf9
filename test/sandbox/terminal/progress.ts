import type { StackEvent } from '../cloudformation/cloudformation.ts';
import { constructName } from './construct-name.ts';
import { readableReason } from './reason.ts';
import { clearStatus, note, showStatus } from './status-line.ts';
import { indent, line, type SafeText, style, visible } from './style.ts';

/** Reports what happens to a stack. */
export interface Progress {
  /** @param resources how many the stack has */
  start(operation: 'Deploying' | 'Destroying', stackName: string, resources: number): void;
  onEvent(event: StackEvent): void;
  end(succeeded: boolean): void;
}

/** Returns the progress for standard error: one changing line on a terminal, and a table otherwise. */
export function newProgress({ verbose }: { verbose: boolean }): Progress {
  const canMove = process.stderr.isTTY && process.env.TERM !== 'dumb';
  return canMove && !verbose ? new LineProgress() : new TableProgress();
}

const STACK = 'AWS::CloudFormation::Stack';

/** Widths of the columns, so that the lines align. */
const STATUS_WIDTH = 15;
const TYPE_WIDTH = 30;
const NAME_WIDTH = 60;

/** Prints one line for each operation on a resource when it ends. */
export class TableProgress implements Progress {
  private readonly print: (line: SafeText) => void;
  private readonly started = new Map<string, number>();

  constructor(print: (line: SafeText) => void = note) {
    this.print = print;
  }

  start(operation: string, stackName: string): void {
    this.print(line`\n${visible(operation)} ${style('bold', stackName)}`);
  }

  onEvent(event: StackEvent): void {
    const { logicalId, status, time, type, reason } = event;
    if (status.endsWith('_IN_PROGRESS')) {
      if (!this.started.has(logicalId)) this.started.set(logicalId, time);
      return;
    }
    const seconds = (time - (this.started.get(logicalId) ?? time)) / 1000;
    this.started.delete(logicalId);
    if (type === STACK) return;
    const failed = status.endsWith('_FAILED');
    const state = style(failed ? 'red' : 'green', status.padEnd(STATUS_WIDTH));
    const took = visible(`${seconds.toFixed(1).padStart(5)} s`);
    const kind = style('dim', type.padEnd(TYPE_WIDTH));
    this.print(line`  ${state} ${took}  ${kind} ${visible(nameOf(event))}`);
    if (failed && reason) this.print(indent(visible(readableReason(reason))));
  }

  end(): void {}
}

/** Below this many columns, the line counts in fewer words. */
const NARROW = 70;
/** Reasons of failures that are the consequence of another one. */
const CANCELLED = /^Resource (creation|update) cancelled$/;

/** Shows one changing line, and prints only what has failed. */
export class LineProgress implements Progress {
  private operation = '';
  private stackName = '';
  private resources = 0;
  private done = 0;
  private startedAt = 0;
  private readonly current = new Map<string, StackEvent>();

  start(operation: string, stackName: string, resources: number): void {
    Object.assign(this, { operation, stackName, resources, done: 0, startedAt: Date.now() });
    this.draw();
  }

  onEvent(event: StackEvent): void {
    const { logicalId, status, type, reason = '' } = event;
    if (type === STACK) {
      this.onStackEvent(status);
      return;
    }
    if (status.endsWith('_IN_PROGRESS')) {
      this.current.set(logicalId, event);
    } else {
      this.current.delete(logicalId);
      this.done++;
    }
    if (status.endsWith('_FAILED') && !CANCELLED.test(reason)) {
      note(line`  ${style('red', status)} ${visible(type)} ${visible(nameOf(event))}`);
      if (reason) note(indent(visible(readableReason(reason))));
    }
    this.draw();
  }

  /** Replaces the changing line by one that stays, unless the failure that was printed says enough. */
  end(succeeded: boolean): void {
    clearStatus();
    this.current.clear();
    if (!succeeded) this.operation = '';
    if (this.operation === '') return;
    const seconds = ((Date.now() - this.startedAt) / 1000).toFixed(1);
    const did = this.operation.replace(/ing$/, 'ed');
    note(line`${visible(did)} ${style('bold', this.stackName)} in ${visible(seconds)} s`);
    this.operation = '';
  }

  private onStackEvent(status: string): void {
    if (status !== 'ROLLBACK_IN_PROGRESS') return;
    this.operation = 'Rolling back';
    this.done = 0;
    this.draw();
  }

  private draw(): void {
    const { operation, stackName, done, resources } = this;
    if (operation === '') return;
    const latest = [...this.current.values()].at(-1);
    const busy = latest ? `, ${latest.type} ${nameOf(latest)}` : '';
    const isNarrow = (process.stderr.columns ?? 80) < NARROW;
    const of = isNarrow ? `/${resources}` : ` of ${resources} resources`;
    showStatus(visible(`${operation} ${stackName}: ${Math.min(done, resources)}${of}${busy}`));
  }
}

function nameOf({ path, logicalId }: StackEvent): string {
  const name = constructName(path, logicalId);
  return name.length > NAME_WIDTH ? `${name.slice(0, NAME_WIDTH - 1)}…` : name;
}
