import type { Update } from '@grammyjs/types';
import type { Clock } from '../clock.ts';
import { describeUpdate } from './describe-update.ts';
import type { InTransit } from './in-transit.ts';
import { type SafeText, style } from './style.ts';

export interface FailureOptions {
  readonly clock: Clock;
  readonly inTransit: InTransit;
  readonly print: (line: SafeText) => void;
  /** Whether to say once which commands help. */
  readonly hints: boolean;
}

/** A failed attempt to deliver or to handle an update. */
export interface FailedAttempt {
  readonly update: Update;
  readonly problem: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** Who delivers again: `Telegram`, `the queue`. */
  readonly by: string;
  /** Why there is no further attempt; undefined if there is one. */
  readonly end?: string;
}

/** Reports failed attempts: in full once, then in one short line for each repetition. */
export class Failures {
  private readonly options: FailureOptions;
  /** By id of the update. */
  private readonly lastProblem = new Map<number, string>();
  private hasHinted = false;

  constructor(options: FailureOptions) {
    this.options = options;
  }

  report({ update, problem, attempt, by, end }: FailedAttempt): void {
    const { inTransit, print } = this.options;
    const isRepetition = this.lastProblem.get(update.update_id) === problem;
    if (end) this.lastProblem.delete(update.update_id);
    else this.lastProblem.set(update.update_id, problem);
    const behind = inTransit.list().filter((other) => other.behind?.update_id === update.update_id);
    const held = behind.length > 0 && !end ? `, ${waiting(behind.length)} behind it` : '';
    if (isRepetition) {
      const again = `${capitalize(describeUpdate(update))} failed again (${ordinal(attempt)} attempt)`;
      const next = end ? `: ${end}` : `, next attempt ${this.when(update)}`;
      print(style('red', `${again}${next}${held}.`));
    } else {
      const next = end ?? `${by} will deliver the update again ${this.when(update)}`;
      print(style('red', `${problem}. ${capitalize(next)}${held}.`));
    }
    if (!end) this.hint();
  }

  /** Says that an update has to wait for one that has failed. */
  reportWaiting(update: Update, behind: Update): void {
    const { print } = this.options;
    print(
      style(
        'yellow',
        `${capitalize(describeUpdate(update))} waits behind ${describeUpdate(behind)}, ` +
          `which will be delivered again ${this.when(behind)}.`,
      ),
    );
    this.hint();
  }

  /** Returns when the next attempt for an update starts: `in 8 s`. */
  when(update: Update): string {
    const { clock, inTransit } = this.options;
    const at = inTransit.find(update.update_id)?.nextAttemptAt;
    const seconds = Math.ceil(((at ?? 0) - clock.now()) / 1000);
    return seconds > 0 ? `in ${seconds} s` : 'at once';
  }

  private hint(): void {
    const { hints, print } = this.options;
    if (!hints || this.hasHinted) return;
    this.hasHinted = true;
    print(style('dim', '  :retry delivers it now, :drop drops it, :waiting shows what waits.'));
  }
}

function waiting(count: number): string {
  return count === 1 ? '1 update waits' : `${count} updates wait`;
}

/** Returns `1st`, `2nd`, `3rd`, `4th` … */
export function ordinal(number: number): string {
  const isTeen = Math.floor((number % 100) / 10) === 1;
  const suffix = isTeen ? 'th' : (['th', 'st', 'nd', 'rd'][number % 10] ?? 'th');
  return `${number}${suffix}`;
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
