import type { Update } from '@grammyjs/types';

/**
 * The updates that Telegram has sent and the bot has not finished. Telegram forgets what is below the offset of
 * getUpdates, so the offset stays at the first unfinished one.
 */
export class UnfinishedUpdates {
  private readonly open = new Set<number>();
  /** Finished, but not forgotten by Telegram yet, because an earlier one is unfinished. */
  private readonly finished = new Set<number>();
  private next = 0;
  private onEmpty = () => {};

  get size(): number {
    return this.open.size;
  }

  /** The offset to ask with: 0 until there was an update. */
  get offset(): number {
    return this.open.size === 0 ? this.next : Math.min(...this.open);
  }

  /** How many are finished and yet not to be confirmed, because the first unfinished one is before them. */
  get finishedBehind(): number {
    const { offset } = this;
    return [...this.finished].filter((id) => id > offset).length;
  }

  /** Takes an update in. @returns whether it is new; Telegram sends what is unconfirmed again and again */
  add({ update_id: id }: Update): boolean {
    if (this.open.has(id) || this.finished.has(id)) return false;
    this.open.add(id);
    // Not the highest: after a quiet week, Telegram numbers from anywhere.
    this.next = id + 1;
    return true;
  }

  /** Does nothing for an update that Telegram has not sent. */
  finish(id: number): void {
    if (!this.open.delete(id)) return;
    this.finished.add(id);
    if (this.open.size === 0) this.onEmpty();
  }

  /** Forgets what Telegram has forgotten too, after it was asked with this offset. */
  confirmed(offset: number): void {
    for (const id of this.finished) if (id < offset) this.finished.delete(id);
  }

  /** Resolves when nothing is unfinished. */
  empty(): Promise<void> {
    if (this.open.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.onEmpty = resolve;
    });
  }
}
