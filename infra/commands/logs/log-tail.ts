import {
  type CloudWatchLogsClient,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import type { LogSource } from './sources.ts';

/** One event of a log group. */
export interface LoggedEvent {
  readonly source: LogSource;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly stream: string;
  readonly message: string;
}

/**
 * How far back each read of a followed group begins, before the newest event so far, in milliseconds: CloudWatch Logs
 * shows an event some seconds after it happened, and those of several streams out of order.
 */
const OVERLAP_MS = 60_000;

/** How often an event was met: the same text can be logged twice in a millisecond. */
export type Counts = Map<string, { readonly count: number; readonly timestamp: number }>;

/**
 * A log group that is read again and again. Every read covers the last minute once more, and what was returned before
 * is left out, so an event that arrives late is neither lost nor returned twice. It depends on no clock of this machine.
 */
export class LogTail {
  readonly source: LogSource;
  private readonly client: CloudWatchLogsClient;
  private startTime: number;
  /** The newest event that a read has met. Live events may be far ahead of what was read. */
  private newest = 0;
  private readonly returned: Counts = new Map();

  constructor(client: CloudWatchLogsClient, source: LogSource, since: number) {
    this.client = client;
    this.source = source;
    this.startTime = since;
  }

  /** Reads the events that have not been returned yet, in the order of their times. */
  async *read(signal: AbortSignal): AsyncGenerator<LoggedEvent> {
    const counts: Counts = new Map();
    const { startTime } = this;
    const pages = paginateFilterLogEvents(
      { client: this.client },
      { logGroupName: this.source.group, startTime },
    );
    for await (const { events = [] } of pages) {
      if (signal.aborted) return;
      for (const { timestamp = 0, logStreamName = '', message = '' } of events) {
        const event = { source: this.source, timestamp, stream: logStreamName, message };
        this.newest = Math.max(this.newest, timestamp);
        if (this.isNew(event, counts)) yield event;
      }
      // AWS returns the pages in the order of time.
      this.startTime = Math.max(startTime, this.newest - OVERLAP_MS);
      this.forget(this.returned);
      this.forget(counts);
    }
  }

  /** Drops the counts of events that no read returns any more. */
  forget(counts: Counts): void {
    for (const [key, { timestamp }] of counts) {
      if (timestamp < this.startTime) counts.delete(key);
    }
  }

  /**
   * Returns whether an event is new, and counts it as returned.
   *
   * @param counts how often the reader, a read or a live session, has met each event so far
   */
  isNew({ stream, timestamp, message }: LoggedEvent, counts: Counts): boolean {
    const key = `${stream} ${timestamp} ${message}`;
    const count = (counts.get(key)?.count ?? 0) + 1;
    counts.set(key, { count, timestamp });
    if (count <= (this.returned.get(key)?.count ?? 0)) return false;
    this.returned.set(key, { count, timestamp });
    return true;
  }
}

/** Merges sequences that are ordered by time. An event waits for the next ones of the other sequences. */
export async function* mergeByTime(
  sequences: readonly AsyncIterator<LoggedEvent>[],
): AsyncGenerator<LoggedEvent> {
  const heads = await Promise.all(
    sequences.map(async (sequence) => ({ sequence, next: await sequence.next() })),
  );
  for (;;) {
    const [earliest] = heads
      .filter(({ next }) => !next.done)
      .sort((a, b) => a.next.value.timestamp - b.next.value.timestamp);
    if (!earliest) return;
    yield earliest.next.value;
    earliest.next = await earliest.sequence.next();
  }
}
