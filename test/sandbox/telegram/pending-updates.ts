import { randomInt } from 'node:crypto';
import type { Update } from '@grammyjs/types';
import type { Clock } from '../clock.ts';
import { Signal } from '../signal.ts';
import { Fifo } from './fifo.ts';
import { lifetimeOf, type NewUpdate, queueOf, typeOf } from './update-types.ts';

/** An update that is waiting to be delivered. */
export interface PendingUpdate {
  readonly update: Update;
  readonly queue: string;
  readonly expiresAt: number;
}

interface Entry extends PendingUpdate {
  gone: boolean;
}

/** Telegram's limit for one update (tdlib, TQueue.cpp). */
const MAX_UPDATE_BYTES = 512 * 1024;

/**
 * The updates that Telegram holds for a bot until they are delivered, dropped or expired. They belong
 * to the bot and not to its webhook or token, so both may change in the meantime. Only getUpdates, the
 * start of a webhook and `clear` walk over all updates, because a bot may have a hundred thousand
 * (tdlib, TQueue.cpp).
 */
export class PendingUpdates {
  readonly added = new Signal<Update>();
  readonly removed = new Signal<{ readonly update: Update; readonly isDelivered: boolean }>();
  private readonly clock: Clock;
  private readonly capacity: number;
  private nextId = randomInt(100_000_000, 900_000_000);
  private count = 0;
  /** Updates with the same lifetime expire in order of arrival, so only the heads need a check. */
  private readonly byLifetime = new Map<number, Fifo<Entry>>();

  constructor(clock: Clock, capacity = 100_000) {
    this.clock = clock;
    this.capacity = capacity;
  }

  get size(): number {
    this.expire();
    return this.count;
  }

  /** The id that the next update will have. */
  get nextUpdateId(): number {
    return this.nextId;
  }

  /** Returns undefined when the bot has too many pending: Telegram then discards the update. */
  add(update: NewUpdate): PendingUpdate | undefined {
    if (this.size >= this.capacity) return undefined;
    const type = typeOf(update);
    const lifetime = lifetimeOf(type);
    const entry: Entry = {
      update: { update_id: this.nextId, ...update },
      queue: queueOf(type, update),
      expiresAt: this.clock.now() + lifetime,
      gone: false,
    };
    const bytes = Buffer.byteLength(JSON.stringify(entry.update));
    if (bytes > MAX_UPDATE_BYTES) {
      throw new Error(`Telegram's updates are limited to ${MAX_UPDATE_BYTES} bytes, got ${bytes}`);
    }
    this.nextId++;
    this.count++;
    const line = this.byLifetime.get(lifetime) ?? new Fifo();
    this.byLifetime.set(lifetime, line);
    line.push(entry);
    this.added.emit(entry.update);
    return entry;
  }

  /** Returns whether the update is still waiting: not delivered, dropped or expired. */
  has(pending: PendingUpdate): boolean {
    this.expire();
    return !(pending as Entry).gone;
  }

  /** @param options.isDelivered whether the bot has the update now; otherwise it is lost */
  remove(pending: PendingUpdate, { isDelivered = false } = {}): void {
    const entry = pending as Entry;
    if (entry.gone) return;
    entry.gone = true;
    this.count--;
    this.removed.emit({ update: entry.update, isDelivered });
  }

  clear(): void {
    for (const pending of this.inOrder()) this.remove(pending);
    this.byLifetime.clear();
  }

  /** Returns all pending updates, oldest first. */
  inOrder(): PendingUpdate[] {
    this.expire();
    return [...this.byLifetime.values()]
      .flatMap((line) => [...line].filter((entry) => !entry.gone))
      .sort((a, b) => a.update.update_id - b.update.update_id);
  }

  private expire(): void {
    const now = this.clock.now();
    for (const line of this.byLifetime.values()) {
      for (let entry = line.peek(); entry; entry = line.peek()) {
        if (!entry.gone && entry.expiresAt >= now) break;
        this.remove(entry);
        line.shift();
      }
    }
  }
}
