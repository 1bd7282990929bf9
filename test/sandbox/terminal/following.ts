import type { Clock } from '../clock.ts';

/** How long to wait for the bot: no function on Lambda runs longer. */
const PATIENCE_MS = 15 * 60_000;

/** Waits for updates until they are handled, or cannot be for the moment. */
export class Following {
  private readonly clock: Clock;
  private readonly open = new Map<number, () => void>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Returns the updates that are being waited for. */
  ids(): number[] {
    return [...this.open.keys()];
  }

  /** Resolves when all of the updates are settled. @returns whether it took longer than any function may run */
  async follow(ids: readonly number[]): Promise<boolean> {
    const settled = Promise.all(
      ids.map((id) => new Promise<void>((resolve) => this.open.set(id, resolve))),
    );
    const done = new AbortController();
    const late = this.clock.sleep(PATIENCE_MS, done.signal).then(
      () => true,
      () => false,
    );
    const isLate = await Promise.race([settled.then(() => false), late]);
    done.abort('settled');
    for (const id of ids) this.settle(id);
    return isLate;
  }

  settle(id: number): void {
    this.open.get(id)?.();
    this.open.delete(id);
  }
}
