/** Time, as tests can turn it. */
export interface RetryClock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** 0 up to, but not including, 1. */
  random(): number;
}

/**
 * What to do about a failure: give up, or try again. `delayMs` is a wait that the other side asked for;
 * without it the wait is ours to choose. `limitMs` is how long failures like this one are put up with.
 */
export type RetryDecision = 'stop' | { readonly delayMs?: number; readonly limitMs?: number };

export interface RetryOptions {
  readonly clock: RetryClock;
  /** When the last attempt must have begun, in milliseconds since the epoch. */
  readonly deadline: number;
  readonly policy: (error: unknown) => RetryDecision;
  readonly onRetry?: (error: unknown, waitMs: number) => void;
}

const FIRST_WAIT_MS = 500;
export const LONGEST_WAIT_MS = 20_000;

/**
 * Runs `attempt` until it succeeds, its failure is final, or there is no time for another; then the last
 * failure is thrown as it is. Waits grow twofold with full jitter, so that the deployments that failed
 * together do not come back together.
 */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, deadline, policy, onRetry } = options;
  let firstBounded: number | undefined;
  for (let retries = 0; ; retries++) {
    try {
      return await attempt();
    } catch (error) {
      const judged = policy(error);
      if (judged === 'stop') throw error;
      const now = clock.now();
      let end = deadline;
      if (judged.limitMs !== undefined) {
        firstBounded ??= now;
        end = Math.min(end, firstBounded + judged.limitMs);
      }
      const waitMs = judged.delayMs ?? backoff(retries, clock.random());
      if (now + waitMs > end) throw error;
      onRetry?.(error, waitMs);
      await clock.sleep(waitMs);
    }
  }
}

function backoff(retries: number, random: number): number {
  return Math.round(random * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** retries));
}
