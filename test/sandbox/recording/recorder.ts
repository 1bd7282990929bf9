import type { LocalBot } from '../terminal/bots.ts';
import type { TimelineEntry, UpdateEntry } from '../timeline/entries.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { hasFailed, isDone, lastAttempt } from './last-attempt.ts';
import { headerLine, type RecordingBot, updateLine } from './recording.ts';
import type { RecordingFile } from './recording-file.ts';

export interface RecorderOptions {
  readonly file: Pick<RecordingFile, 'name' | 'write'>;
  readonly timeline: Pick<Timeline, 'changed' | 'entries'>;
  /** The bots at present: a deploy may add some. */
  readonly bots: () => readonly RecordingBot[];
  readonly date: Date;
}

/** Writes every update to a file when it is done: handled, dropped, or a dead letter. */
export class Recorder {
  private readonly options: RecorderOptions;
  private readonly stop: () => void;
  /** By key. */
  private readonly open = new Map<string, UpdateEntry>();
  private readonly written = new Set<string>();
  private calls = 0;
  private failure: Error | undefined;

  constructor(options: RecorderOptions) {
    this.options = options;
    options.file.write(headerLine(options.bots(), options.date));
    this.stop = options.timeline.changed.listen((entry) => this.onChange(entry));
  }

  /**
   * Writes the updates that have failed and would be tried again, and ends.
   *
   * @returns what was recorded: `Recorded 3 updates with 4 calls in chat.jsonl`
   * @throws Error when the file could not be written
   */
  close(): string {
    // Reading the entries makes the timeline tell what it has not told yet.
    void this.options.timeline.entries;
    this.stop();
    for (const entry of this.open.values()) if (hasFailed(entry)) this.write(entry);
    if (this.failure) throw this.failure;
    const { size } = this.written;
    const unfinished = this.open.size;
    return [
      `Recorded ${count(size, 'update')} with ${count(this.calls, 'call')} in ${this.options.file.name}`,
      ...(unfinished > 0 ? [`, without ${count(unfinished, 'update')} in progress`] : []),
    ].join('');
  }

  private onChange(entry: TimelineEntry): void {
    if (entry.kind !== 'update' || this.written.has(entry.key)) return;
    if (isDone(entry)) this.write(entry);
    else this.open.set(entry.key, entry);
  }

  private write(entry: UpdateEntry): void {
    const { file, bots } = this.options;
    const bot = bots().find(({ id }) => id === entry.botId);
    if (!bot || this.failure) return;
    const record = lastAttempt(entry, bot.path);
    try {
      file.write(updateLine(record));
    } catch (error) {
      const { message } = error as Error;
      this.failure = new Error(`The recording ends early, it cannot be written: ${message}`);
      return;
    }
    this.open.delete(entry.key);
    this.written.add(entry.key);
    this.calls += record.calls.length;
  }
}

/** Returns the bots that are deployed. */
export function botRecords(bots: readonly LocalBot[]): RecordingBot[] {
  return bots.flatMap(({ path, queue, bot: { id, user } }) =>
    path === undefined
      ? []
      : {
          ...{ path, id, username: user.username, firstName: user.first_name },
          delivery: queue ? 'queued' : 'direct',
        },
  );
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
