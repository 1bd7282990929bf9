import { randomInt } from 'node:crypto';
import type { Update } from '@grammyjs/types';
import type { Clock } from '../clock.ts';
import { Fifo } from './fifo.ts';
import { lifetimeOf, type NewUpdate, queueOf, typeOf } from './update-types.ts';

/** An update that waits to be delivered. */
export interface PendingUpdate {
  readonly update: Update;
  readonly queue: string;
  readonly expiresAt: number;
}

interface Entry extends PendingUpdate {
  gone: boolean;
}

const MAX_UPDATE_BYTES = 512 * 1024;

/**
 * What Telegram holds for a bot until it is delivered, dropped or too old. It belongs to the bot, not
 * to its webhook or token, so both may change under it. Nothing here walks over all updates except
 * the start of a new webhook: bots may have a hundred thousand.
 */
export class PendingUpdates {
  private readonly clock: Clock;
  private readonly capacity: number;
  private nextId = randomInt(100_000_000, 900_000_000);
  private count = 0;
  /** Updates that live equally long expire in the order they came in: only the heads need a look. */
  private readonly byLifetime = new Map<number, Fifo<Entry>>();

  constructor(clock: Clock, capacity = 100_000) {
    this.clock = clock;
    this.capacity = capacity;
  }

  get size(): number {
    this.expire();
    return this.count;
  }

  /** Undefined when the bot's queue is full: Telegram then forgets the update. */
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
      throw new Error(`Telegram's updates have at most ${MAX_UPDATE_BYTES} bytes, got ${bytes}`);
    }
    this.nextId++;
    this.count++;
    const line = this.byLifetime.get(lifetime) ?? new Fifo();
    this.byLifetime.set(lifetime, line);
    line.push(entry);
    return entry;
  }

  /** Whether it still waits: neither delivered, nor dropped, nor too old. */
  has(pending: PendingUpdate): boolean {
    this.expire();
    return !(pending as Entry).gone;
  }

  remove(pending: PendingUpdate): void {
    const entry = pending as Entry;
    if (entry.gone) return;
    entry.gone = true;
    this.count--;
  }

  clear(): void {
    for (const pending of this.inOrder()) this.remove(pending);
    this.byLifetime.clear();
  }

  /** All of them, oldest first. */
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
