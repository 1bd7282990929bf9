import { FIRST_WAIT_MS, LONGEST_WAIT_MS, SHORTEST_WAIT_MS } from './time-budget.ts';

/** The time and the random numbers that retries depend on, replaced in tests. */
export interface RetryClock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** 0 up to, but not including, 1. */
  random(): number;
}

/**
 * What to do after a failure: stop, or try again. `delayMs` is a wait that the other side asked for; without
 * it the wait follows the backoff. `limitMs` is how long to keep retrying after the first failure with a limit.
 */
export type RetryDecision = 'stop' | { readonly delayMs?: number; readonly limitMs?: number };

export type RetryPolicy = (error: unknown) => RetryDecision;

export interface RetryOptions {
  readonly clock: RetryClock;
  /** When the last attempt must have started, in milliseconds since the epoch. */
  readonly deadline: number;
  readonly policy: RetryPolicy;
  readonly onRetry?: (error: unknown, waitMs: number) => void;
}

/**
 * Runs `attempt` until it succeeds, the policy says stop, or there is no time for another attempt; then throws
 * the last failure unchanged. Waits double with full jitter, so that deployments that failed together do not
 * retry together.
 */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, deadline, policy, onRetry } = options;
  let firstLimitedAt: number | undefined;
  for (let retries = 0; ; retries++) {
    try {
      return await attempt();
    } catch (error) {
      const decision = policy(error);
      if (decision === 'stop') throw error;
      const now = clock.now();
      let end = deadline;
      if (decision.limitMs !== undefined) {
        firstLimitedAt ??= now;
        end = Math.min(end, firstLimitedAt + decision.limitMs);
      }
      const askedMs = decision.delayMs ?? backoff(retries, clock.random());
      const waitMs = Math.max(askedMs, SHORTEST_WAIT_MS);
      // Written so that a wait that is not a number ends the loop.
      if (!(now + waitMs <= end)) throw error;
      onRetry?.(error, waitMs);
      await clock.sleep(waitMs);
    }
  }
}

function backoff(retries: number, random: number): number {
  return Math.round(random * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** retries));
}
