/** The signal that puts the process's clock forward. */
export const PUT_CLOCK_FORWARD = 'SIGUSR2';

/** Longer than the registrar retries what a crash on load has failed, shorter than an event may take. */
const STEP_MS = 30_000;

/**
 * Lets the sandbox put `Date.now` forward, by which code measures how long it has been retrying: what retries in
 * vain then gives up with the next failure, as it would later. `new Date()` and timers stay as they are, because
 * signatures of requests and timeouts depend on them.
 */
export function followClock(): void {
  if (process.platform === 'win32') return;
  const { now } = Date;
  let aheadMs = 0;
  Date.now = () => now() + aheadMs;
  process.on(PUT_CLOCK_FORWARD, () => {
    aheadMs += STEP_MS;
  });
}
