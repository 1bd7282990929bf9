import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { Signal } from '../../signal.ts';
import { Fifo } from '../../telegram/fifo.ts';
import { ServiceError } from '../service-error.ts';

export interface QueueConfiguration {
  readonly name: string;
  /** Seconds. */
  readonly visibilityTimeout: number;
  /** Seconds. */
  readonly retention: number;
  readonly deduplicationScope: 'messageGroup' | 'queue';
  readonly redrive?: { readonly deadLetters: FifoQueue; readonly maxReceiveCount: number };
}

export interface NewMessage {
  readonly body: string;
  readonly group: string;
  readonly deduplicationId: string;
}

export interface ReceivedMessage extends NewMessage {
  readonly id: string;
  readonly receiptHandle: string;
  readonly receiveCount: number;
  readonly sequenceNumber: string;
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
  /** Milliseconds since the epoch. */
  readonly firstReceivedAt: number;
}

interface Message extends NewMessage {
  readonly id: string;
  readonly sequence: number;
  readonly sentAt: number;
  receiveCount: number;
  firstReceivedAt: number;
  receiptHandle: string;
  visibleAt: number;
}

/**
 * What happens to a message. `sent`: by a producer. `returned`: it can be received again. `dead letter`: it is in the
 * dead-letter queue now. `redriven`: it is back in its source, as `successor`. `lost`: it has expired, or was purged.
 */
export interface QueueEvent {
  readonly kind: 'sent' | 'received' | 'deleted' | 'returned' | 'dead letter' | 'redriven' | 'lost';
  readonly queue: FifoQueue;
  readonly message: NewMessage & { readonly id: string; readonly receiveCount: number };
  /** Id of the message that a redrive makes of it. */
  readonly successor?: string | undefined;
}

interface Group {
  readonly id: string;
  /** Messages that were put back, oldest first. They precede those that were never received. */
  returned: Message[];
  readonly waiting: Fifo<Message>;
  readonly inFlight: Set<Message>;
  timer?: AbortController;
}

const DEDUPLICATION_MS = 5 * 60_000;
/** How long SQS reports the metrics of a queue that nobody uses any more. */
const ACTIVE_MS = 6 * 3_600_000;

/**
 * A FIFO queue that behaves like SQS's. While a consumer holds a message of a group, no further message
 * of that group is handed out. A message that is not deleted before its visibility timeout ends returns
 * to its old place.
 *
 * No operation iterates over all messages, so a hundred thousand may wait. The number of messages in
 * flight is not limited.
 */
export class FifoQueue {
  readonly happened = new Signal<QueueEvent>();
  configuration: QueueConfiguration;
  private readonly clock: Clock;
  private readonly groups = new Map<string, Group>();
  /** Groups that have a message to receive. */
  private readonly ready = new Fifo<Group>();
  private readonly byHandle = new Map<string, Message>();
  /** Messages sent in the last five minutes, by deduplication key. */
  private readonly recent = new Map<string, { id: string; until: number }>();
  /** The keys of `recent`, oldest first. */
  private readonly recentKeys = new Fifo<string>();
  private readonly listeners = new Set<() => void>();
  private usedAt = Number.NEGATIVE_INFINITY;
  private sequence = 0;
  private count = 0;

  constructor(configuration: QueueConfiguration, clock: Clock) {
    this.configuration = configuration;
    this.clock = clock;
  }

  /** The number of messages that wait or are in flight. */
  get size(): number {
    return this.count;
  }

  get inFlight(): number {
    return this.byHandle.size;
  }

  /** Returns whether SQS reports metrics: the queue has messages, a consumer, or was used in the last six hours. */
  isActive(now: number): boolean {
    return this.count > 0 || this.listeners.size > 0 || now - this.usedAt < ACTIVE_MS;
  }

  /** Returns when the oldest message was sent, or `now` if there is none. Takes time for every group. */
  oldestSentAt(now: number): number {
    let oldest = now;
    for (const { inFlight, returned, waiting } of this.groups.values()) {
      const first = returned[0] ?? waiting.peek();
      if (first) oldest = Math.min(oldest, first.sentAt);
      for (const { sentAt } of inFlight) oldest = Math.min(oldest, sentAt);
    }
    return oldest;
  }

  /** Adds a message, unless one with the same deduplication id was sent in the last five minutes. */
  send(message: NewMessage): { id: string; sequenceNumber: string } {
    const { group, deduplicationId } = message;
    const key =
      this.configuration.deduplicationScope === 'queue'
        ? deduplicationId
        : JSON.stringify([group, deduplicationId]);
    const now = this.clock.now();
    this.forget(now);
    const known = this.recent.get(key);
    if (known) return { id: known.id, sequenceNumber: sequenceNumber(this.sequence) };
    const id = randomUUID();
    this.recent.set(key, { id, until: now + DEDUPLICATION_MS });
    this.recentKeys.push(key);
    this.tell('sent', { ...message, id, receiveCount: 0 });
    this.add({ ...message, id }, { receiveCount: 0, firstReceivedAt: 0 });
    return { id, sequenceNumber: sequenceNumber(this.sequence) };
  }

  /** Receives up to `max` messages, taking as many as possible from one group before the next. */
  receive({
    max,
    visibilityMs = this.configuration.visibilityTimeout * 1000,
  }: {
    max: number;
    visibilityMs?: number;
  }): ReceivedMessage[] {
    const now = this.clock.now();
    this.usedAt = now;
    const received: Message[] = [];
    while (received.length < max) {
      const group = this.ready.shift();
      if (!group) break;
      while (received.length < max) {
        const message = this.next(group, now);
        if (!message) break;
        message.receiveCount++;
        message.firstReceivedAt ||= now;
        message.receiptHandle = randomUUID();
        message.visibleAt = now + visibilityMs;
        this.byHandle.set(message.receiptHandle, message);
        group.inFlight.add(message);
        received.push(message);
        this.tell('received', message);
      }
      if (group.inFlight.size > 0) this.watch(group);
      else this.groups.delete(group.id);
    }
    return received.map(({ sequence, ...message }) => ({
      ...message,
      sequenceNumber: sequenceNumber(sequence),
    }));
  }

  delete(receiptHandle: string): void {
    const message = this.held(receiptHandle);
    this.count--;
    this.tell('deleted', message);
    this.release(message);
  }

  changeVisibility(receiptHandle: string, visibilityMs: number): void {
    const message = this.held(receiptHandle);
    message.visibleAt = this.clock.now() + visibilityMs;
    const group = this.groups.get(message.group);
    if (visibilityMs === 0) this.giveBack(message);
    else if (group) this.watch(group);
  }

  /**
   * Returns all messages, each group in its order, for a person to look at. `visibleAt` is when a message in flight
   * returns, and undefined for one that waits. Takes time for every message.
   */
  messages(): (ReceivedMessage & { readonly visibleAt: number | undefined })[] {
    return [...this.groups.values()].flatMap(({ inFlight, returned, waiting }) =>
      [...inFlight, ...returned, ...waiting]
        .sort((a, b) => a.sequence - b.sequence)
        .map((message) => ({
          ...message,
          sequenceNumber: sequenceNumber(message.sequence),
          visibleAt: inFlight.has(message) ? message.visibleAt : undefined,
        })),
    );
  }

  /** Moves all waiting messages to another queue. @returns how many */
  moveTo(destination: FifoQueue): number {
    const before = this.count;
    for (let group = this.ready.shift(); group; group = this.ready.shift()) {
      for (
        let one = this.next(group, this.clock.now());
        one;
        one = this.next(group, this.clock.now())
      ) {
        this.count--;
        const id = randomUUID();
        this.tell('redriven', one, id);
        // This adds a new message without deduplication, which was done when it was first sent.
        destination.add({ ...one, id }, { receiveCount: 0, firstReceivedAt: 0 });
      }
      this.groups.delete(group.id);
    }
    return before - this.count;
  }

  /** Deletes every message, including those in flight. */
  purge(): void {
    this.close();
    for (const message of this.messages()) this.tell('lost', message);
    this.groups.clear();
    this.byHandle.clear();
    while (this.ready.shift());
    this.count = 0;
  }

  /** Calls `listener` whenever a message may have become receivable. @returns a function that stops this */
  onArrival(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Stops all timers, so that messages in flight never return. */
  close(): void {
    for (const { timer } of this.groups.values()) timer?.abort('closed');
  }

  private add(
    message: NewMessage & { id: string },
    history: { receiveCount: number; firstReceivedAt: number },
  ): void {
    const group = this.groups.get(message.group) ?? this.open(message.group);
    const isFirst = isEmpty(group) && group.inFlight.size === 0;
    this.sequence++;
    this.count++;
    this.usedAt = this.clock.now();
    group.waiting.push({
      body: message.body,
      group: message.group,
      deduplicationId: message.deduplicationId,
      id: message.id,
      ...history,
      sequence: this.sequence,
      sentAt: this.clock.now(),
      receiptHandle: '',
      visibleAt: 0,
    });
    if (isFirst) this.offer(group);
  }

  private tell(kind: QueueEvent['kind'], message: QueueEvent['message'], successor?: string): void {
    this.happened.emit({ kind, queue: this, message, successor });
  }

  private open(id: string): Group {
    const group: Group = { id, returned: [], waiting: new Fifo(), inFlight: new Set() };
    this.groups.set(id, group);
    return group;
  }

  /** Takes the next message of a group. Drops expired messages and moves dead letters on the way. */
  private next(group: Group, now: number): Message | undefined {
    for (;;) {
      const message = group.returned.shift() ?? group.waiting.shift();
      if (!message) return undefined;
      const { redrive, retention } = this.configuration;
      if (message.sentAt + retention * 1000 <= now) {
        this.count--;
        this.tell('lost', message);
      } else if (redrive && message.receiveCount >= redrive.maxReceiveCount) {
        this.count--;
        this.tell('dead letter', message);
        // Two messages may share a deduplication id by accident, and both must be kept there.
        redrive.deadLetters.add({ ...message, deduplicationId: message.id }, message);
      } else {
        return message;
      }
    }
  }

  private held(receiptHandle: string): Message {
    this.usedAt = this.clock.now();
    const message = this.byHandle.get(receiptHandle);
    if (message) return message;
    throw new ServiceError(
      'InvalidParameterValue',
      `Value ${receiptHandle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
    );
  }

  private giveBack(message: Message): void {
    this.tell('returned', message);
    const { returned } = this.groups.get(message.group) ?? this.open(message.group);
    returned.push(message);
    returned.sort((a, b) => a.sequence - b.sequence);
    this.release(message);
  }

  private release(message: Message): void {
    this.byHandle.delete(message.receiptHandle);
    const group = this.groups.get(message.group);
    group?.inFlight.delete(message);
    if (!group || group.inFlight.size > 0) return;
    group.timer?.abort('released');
    group.timer = undefined;
    if (isEmpty(group)) this.groups.delete(group.id);
    else this.offer(group);
  }

  private offer(group: Group): void {
    this.ready.push(group);
    for (const listener of [...this.listeners]) listener();
  }

  /** Puts back the messages that are not deleted in time. */
  private watch(group: Group): void {
    group.timer?.abort('restarted');
    const timer = new AbortController();
    group.timer = timer;
    const soonest = Math.min(...[...group.inFlight].map(({ visibleAt }) => visibleAt));
    this.clock.sleep(soonest - this.clock.now(), timer.signal).then(
      () => {
        const now = this.clock.now();
        for (const message of [...group.inFlight]) {
          if (message.visibleAt <= now) this.giveBack(message);
        }
        if (group.inFlight.size > 0) this.watch(group);
      },
      () => {},
    );
  }

  private forget(now: number): void {
    for (let key = this.recentKeys.peek(); key; key = this.recentKeys.peek()) {
      if ((this.recent.get(key)?.until ?? 0) > now) return;
      this.recent.delete(key);
      this.recentKeys.shift();
    }
  }
}

/** Formats a sequence number as SQS does, with 20 digits. */
function sequenceNumber(sequence: number): string {
  return String(sequence).padStart(20, '1886500000000000000');
}

function isEmpty({ returned, waiting }: Group): boolean {
  return returned.length === 0 && waiting.peek() === undefined;
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
