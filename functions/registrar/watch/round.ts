import type { WatchEvent, WatchRound } from '../../contract.ts';
import { toSourcePositions } from '../../runtime/source-positions.ts';
import { handleWatch, type WatchServices } from './watch.ts';

/**
 * How many bots are checked at the same time. They share a small part of a processor, and a call of a check that has too
 * little of it would time out as if Telegram did not answer.
 */
const CONCURRENT_CHECKS = 8;

/**
 * Checks the bots of a stack, each on its own: what fails or hangs for one does not disturb the others.
 *
 * @param timeLeftMs how long until Lambda ends this invocation
 */
export async function handleRound(
  { Checks, ScheduledTime }: WatchRound,
  timeLeftMs: number,
  services: WatchServices,
): Promise<void> {
  const { clock } = services;
  const receivedAt = clock.now();
  // Each round begins with another bot, so that none is always last when repairs take the whole time.
  const first = Math.floor(clock.random() * Checks.length);
  const waiting = [...Checks.slice(first), ...Checks.slice(0, first)];
  const checkOn = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const leftMs = timeLeftMs - (clock.now() - receivedAt);
      const event = { ...check, ScheduledTime };
      await handleWatch(event, leftMs, services, receivedAt).catch((error: Error) =>
        logFailure(event, error, services),
      );
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_CHECKS }, checkOn));
}

function logFailure({ Bot: bot }: WatchEvent, error: Error, { log }: WatchServices): void {
  const { message: because, stack } = error;
  log.error({ event: 'watch.failed', bot, because, stack: toSourcePositions(String(stack)) });
}
