import { setTimeout as sleep } from 'node:timers/promises';
import { type LoggedEvent, type LogTail, mergeByTime } from './log-tail.ts';

export interface FollowOptions {
  readonly signal: AbortSignal;
  readonly onEvent: (event: LoggedEvent) => void;
  /** Receives a log group that could not be read, once for each reason. */
  readonly onProblem: (tail: LogTail, error: Error) => void;
  /** Passes on events as they arrive, until its session ends. It rejects where there is no such service. */
  readonly live: (onEvents: (events: readonly LoggedEvent[]) => void) => Promise<void>;
  /** @default 2 seconds without live events, 10 with them */
  readonly intervalMs?: { readonly polling: number; readonly live: number };
}

/** Reads log groups to their present end, merged by time. */
export async function readOnce(
  tails: readonly LogTail[],
  { signal, onEvent, onProblem }: Pick<FollowOptions, 'signal' | 'onEvent' | 'onProblem'>,
): Promise<void> {
  const sequences = tails.map((tail) => guarded(tail, signal, onProblem));
  for await (const event of mergeByTime(sequences)) {
    if (signal.aborted) return;
    onEvent(event);
  }
}

/**
 * Follows log groups until the signal is aborted. Reading them every few seconds is what loses nothing; live events
 * only make it quicker, and are left out of the next read.
 */
export async function follow(tails: readonly LogTail[], options: FollowOptions): Promise<void> {
  const { signal, onEvent, live, intervalMs = { polling: 2000, live: 10_000 } } = options;
  const problems = new Set<string>();
  const onProblem = (tail: LogTail, error: Error) => {
    const problem = `${tail.source.group} ${error.name}`;
    if (!problems.has(problem)) options.onProblem(tail, error);
    problems.add(problem);
  };
  await readOnce(tails, { signal, onEvent, onProblem });
  let isLive = true;
  const session = keepLive(live, signal, (events) => events.forEach(onEvent)).finally(() => {
    isLive = false;
  });
  while (!signal.aborted) {
    const wait = sleep(isLive ? intervalMs.live : intervalMs.polling, undefined, { signal });
    // A session that ends does not leave a long wait behind it.
    await Promise.race([wait, ...(isLive ? [session] : [])]).catch(() => {});
    if (!signal.aborted) await readOnce(tails, { signal, onEvent, onProblem });
  }
  await session;
}

/** Opens a live session again when it ends; a session that fails is the last one. */
async function keepLive(
  live: FollowOptions['live'],
  signal: AbortSignal,
  onEvents: (events: readonly LoggedEvent[]) => void,
): Promise<void> {
  let hasEvents = true;
  while (!signal.aborted && hasEvents) {
    hasEvents = false;
    try {
      await live((events) => {
        hasEvents = true;
        onEvents(events);
      });
    } catch {
      // Not permitted, not offered in this region, too many sessions, or ended after three hours.
    }
  }
}

/** Reads a log group, and ends early if it cannot be read. */
async function* guarded(
  tail: LogTail,
  signal: AbortSignal,
  onProblem: FollowOptions['onProblem'],
): AsyncGenerator<LoggedEvent> {
  try {
    yield* tail.read(signal);
  } catch (error) {
    onProblem(tail, error as Error);
  }
}
