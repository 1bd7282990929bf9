import { type ManualClock, settle } from '../sandbox/index.ts';

/**
 * Those who sleep on a clock that advances only for them: to the next one's time, once no call is in progress. Calls take
 * real time, in which the clock stands still, so without this a long sleep would overtake the calls of another sleeper.
 */
export class Sleepers {
  private readonly clock: ManualClock;
  private readonly idle: () => Promise<void>;
  private readonly sleepers: { at: number; wake: () => void }[] = [];
  private isAdvancing = false;

  /** @param idle resolves when no call is in progress */
  constructor(clock: ManualClock, idle: () => Promise<void>) {
    this.clock = clock;
    this.idle = idle;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      this.sleepers.push({ at: this.clock.now() + ms, wake });
      if (!this.isAdvancing) void this.advance();
    });
  }

  private async advance(): Promise<void> {
    this.isAdvancing = true;
    for (;;) {
      await this.idle();
      const next = this.sleepers.sort((one, other) => one.at - other.at).shift();
      if (!next) break;
      await this.clock.advance(Math.max(0, next.at - this.clock.now()));
      next.wake();
      await settle();
    }
    this.isAdvancing = false;
  }
}
