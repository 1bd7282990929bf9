import type { Signal } from '../signal.ts';
import type { Download } from '../telegram/bot-api.ts';
import type { LocalBot } from '../terminal/bots.ts';
import type { TimelineEntry, UpdateEntry } from '../timeline/entries.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { Downloads } from './downloads.ts';
import { hasFailed, isDone, lastAttempt } from './last-attempt.ts';
import { headerLine, type RecordingBot, updateLine } from './recording.ts';
import type { RecordingFile } from './recording-file.ts';

export interface RecorderOptions {
  readonly file: Pick<RecordingFile, 'name' | 'write'>;
  readonly timeline: Pick<Timeline, 'changed' | 'entries'>;
  readonly downloaded: Signal<Download>;
  /** The bots at present: a deploy may add some. */
  readonly bots: () => readonly RecordingBot[];
  readonly date: Date;
}

/** Writes every update to a file when it is done: handled, dropped, or a dead letter. The header comes with the first one. */
export class Recorder {
  private readonly options: RecorderOptions;
  private readonly stops: readonly (() => void)[];
  /** By key. */
  private readonly open = new Map<string, UpdateEntry>();
  private readonly written = new Set<string>();
  private readonly downloads = new Downloads();
  private calls = 0;
  private failure: Error | undefined;

  constructor(options: RecorderOptions) {
    this.options = options;
    this.stops = [
      options.timeline.changed.listen((entry) => this.onChange(entry)),
      options.downloaded.listen((download) => this.downloads.add(download)),
    ];
  }

  /**
   * Writes the updates that have failed and would be tried again, and ends.
   *
   * @returns what was recorded: `Recorded 3 updates with 4 calls in chat.jsonl`, or that nothing was
   * @throws Error when the file could not be written
   */
  close(): string {
    // Reading the entries makes the timeline tell what it has not told yet.
    void this.options.timeline.entries;
    for (const stop of this.stops) stop();
    for (const entry of this.open.values()) if (hasFailed(entry)) this.write(entry);
    if (this.failure) throw this.failure;
    const { size } = this.written;
    const unfinished = this.open.size;
    const { name } = this.options.file;
    if (size === 0) return `The bot has finished no update, so there is no ${name}`;
    const recorded = `Recorded ${count(size, 'update')} with ${count(this.calls, 'call')} in ${name}`;
    return unfinished > 0
      ? `${recorded}, without ${count(unfinished, 'update')} in progress`
      : recorded;
  }

  private onChange(entry: TimelineEntry): void {
    if (entry.kind !== 'update' || this.written.has(entry.key)) return;
    this.open.set(entry.key, entry);
    if (isDone(entry)) this.write(entry);
  }

  private write(entry: UpdateEntry): void {
    const { file, bots, date } = this.options;
    const deployed = bots();
    const bot = deployed.find(({ id }) => id === entry.botId);
    this.open.delete(entry.key);
    if (!bot || this.failure) return;
    const record = lastAttempt(entry, bot.path);
    const files = this.downloads.take(entry.botId, record.calls);
    const hasFiles = Object.keys(files).length > 0;
    const line = updateLine(hasFiles ? { ...record, files } : record);
    try {
      file.write(this.written.size > 0 ? line : headerLine(deployed, date) + line);
    } catch (error) {
      const { message } = error as Error;
      this.failure = new Error(`The recording ends early, it cannot be written: ${message}`);
      return;
    }
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
