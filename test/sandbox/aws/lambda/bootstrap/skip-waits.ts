import { syncBuiltinESMExports } from 'node:module';
import timersPromises, { setImmediate as turn } from 'node:timers/promises';

/**
 * Lets every `setTimeout` of node:timers/promises resolve at once, with `Date.now` put forward by as much, if
 * `SANDBOX_SKIPS_WAITS` is set: code that waits for AWS or Telegram to settle, or retries, then takes no time. `new Date()`
 * and timeouts stay as they are, because signatures and answers of other processes depend on them.
 *
 * @returns what sets `Date.now` back, for the next invocation: otherwise its event would seem old, and its time short
 */
export function skipWaits(): () => void {
  if (process.env.SANDBOX_SKIPS_WAITS === undefined) return () => {};
  delete process.env.SANDBOX_SKIPS_WAITS;
  const { now } = Date;
  let aheadMs = 0;
  Date.now = () => now() + aheadMs;
  timersPromises.setTimeout = async <T>(ms = 0, value?: T, options?: { signal?: AbortSignal }) => {
    aheadMs += ms;
    await turn(undefined, options);
    return value as T;
  };
  syncBuiltinESMExports();
  return () => {
    aheadMs = 0;
  };
}
