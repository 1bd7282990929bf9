import { CALL_TIMEOUT_MS } from '../../../functions/telegram/client.ts';
import type { ManualClock } from '../../sandbox/index.ts';

/** Returns numbers from 0 up to 1, the same for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * The delays of messages. A request takes effect within the time limit of its call, or never: the registrar's waits
 * depend on nothing else. Its response may come later than that, or not at all.
 */
export class MessageDelays {
  readonly clock: ManualClock;
  readonly random: () => number;
  /** Whether messages are fast and never lost. */
  areShort = false;

  constructor(clock: ManualClock, random: () => number) {
    this.clock = clock;
    this.random = random;
  }

  /** Most messages are fast; some take almost as long as allowed. */
  upTo(limitMs: number): number {
    const fraction = this.random();
    const isSlow = !this.areShort && this.random() < 0.35;
    return Math.floor(fraction * (isSlow ? limitMs : Math.min(limitMs, 300)));
  }

  /** @returns whether something of this probability happens */
  happens(probability: number): boolean {
    return !this.areShort && this.random() < probability;
  }

  /**
   * Makes a call: the request arrives, acts, and is answered.
   *
   * @param act runs when the request arrives, with the time that it still has
   * @param lost returns the caller's error when the response does not arrive in time
   */
  async call<T>(act: (remainingMs: number) => T | Promise<T>, lost: () => Error): Promise<T> {
    const { clock } = this;
    const start = clock.now();
    await clock.sleep(this.upTo(CALL_TIMEOUT_MS - 1));
    const acted = Promise.resolve(act(start + CALL_TIMEOUT_MS - 1 - clock.now()));
    const answer = acted.then(async (result) => {
      await clock.sleep(this.upTo(CALL_TIMEOUT_MS / 2));
      if (this.happens(0.03)) await clock.sleep(CALL_TIMEOUT_MS);
      return result;
    });
    const ended = new AbortController();
    const timeUp = clock.sleep(start + CALL_TIMEOUT_MS - clock.now(), ended.signal).then(
      () => {
        throw lost();
      },
      () => new Promise<never>(() => {}),
    );
    try {
      return await Promise.race([answer, timeUp]);
    } finally {
      ended.abort('ended');
      answer.catch(() => {});
    }
  }
}
