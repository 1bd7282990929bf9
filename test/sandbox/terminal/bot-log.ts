import type { Logs } from '../aws/logs.ts';
import { errorIn, hasUpdateId, readableLog } from './readable-log.ts';

/** What a bot's functions have logged, without the errors that repeat when an update is delivered again. */
export class BotLog {
  private readonly logs: Logs;
  /** How many lines of each group have been read. */
  private readonly read: Map<string, number>;
  private readonly shownErrors = new Set<string>();

  /** Starts with the lines that the groups already have. */
  constructor(logs: Logs, groups: readonly string[]) {
    this.logs = logs;
    this.read = new Map(groups.map((group) => [group, 0]));
  }

  /** Reads further groups too, from their beginning. */
  follow(groups: readonly string[]): void {
    for (const group of groups) if (!this.read.has(group)) this.read.set(group, 0);
  }

  /** Returns the readable lines since the last call. */
  news(): string[] {
    return [...this.read].flatMap(([group, count]) => {
      const lines = this.logs.lines(group);
      this.read.set(group, lines.length);
      return lines
        .slice(count)
        .filter((line) => !this.isRepetition(line))
        .map(readableLog);
    });
  }

  /** Lets errors be shown again that do not say which update they belong to, such as a timeout. */
  forgetAnonymousErrors(): void {
    for (const error of this.shownErrors) {
      if (!hasUpdateId(error)) this.shownErrors.delete(error);
    }
  }

  private isRepetition(line: string): boolean {
    const error = errorIn(line);
    if (error === undefined) return false;
    const isKnown = this.shownErrors.has(error);
    this.shownErrors.add(error);
    return isKnown;
  }
}
