/** The sandbox's time, in milliseconds. A test can replace it to let hours pass in no time. */
export interface Clock {
  now(): number;
  /** Resolves after `ms`, or rejects with the signal's reason if that is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's clock, or one that runs `speed` times as fast, starting when it is created. */
export class WallClock implements Clock {
  readonly start = Date.now();
  readonly speed: number;

  constructor(speed = 1) {
    this.speed = speed;
  }

  now(): number {
    return Math.floor(this.start + (Date.now() - this.start) * this.speed);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms / this.speed);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}

export const systemClock = new WallClock();

/** A clock that stands still until `advance` moves it. */
export class ManualClock implements Clock {
  private time: number;
  private readonly sleepers = new Set<{ at: number; wake: () => void }>();

  constructor(start = Date.UTC(2026, 0, 1)) {
    this.time = start;
  }

  now(): number {
    return this.time;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper = {
        at: this.time + ms,
        wake: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      const onAbort = () => {
        this.sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.sleepers.add(sleeper);
    });
  }

  /** How many callers are asleep. Tests wait for this number before they advance the clock. */
  get sleeping(): number {
    return this.sleepers.size;
  }

  /** Advances the clock by `ms`, waking the sleepers in order and letting each one run. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      const next = [...this.sleepers].sort((a, b) => a.at - b.at)[0];
      if (!next || next.at > end) break;
      this.time = Math.max(this.time, next.at);
      this.sleepers.delete(next);
      next.wake();
      await new Promise((resolve) => setImmediate(resolve));
    }
    // Another call may have advanced it further in the meantime.
    this.time = Math.max(this.time, end);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Lets all pending work run that waits for neither a clock nor a socket. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}
