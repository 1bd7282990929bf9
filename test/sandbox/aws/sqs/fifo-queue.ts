import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
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
  /** Milliseconds since the epoch, like the next. */
  readonly sentAt: number;
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

interface Group {
  readonly id: string;
  /** What came back, oldest first, before what was never received. */
  returned: Message[];
  readonly waiting: Fifo<Message>;
  readonly inFlight: Set<Message>;
  timer?: AbortController;
}

const DEDUPLICATION_MS = 5 * 60_000;

/**
 * A FIFO queue as SQS runs it. While a message of a group is with a consumer, nothing more of that group
 * is handed out; what is not deleted before its visibility timeout ends comes back, in its old place.
 *
 * Nothing walks over all messages, so that a hundred thousand may wait. There is no limit to how many
 * are in flight.
 */
export class FifoQueue {
  configuration: QueueConfiguration;
  private readonly clock: Clock;
  private readonly groups = new Map<string, Group>();
  /** Groups of which something can be received. */
  private readonly ready = new Fifo<Group>();
  private readonly byHandle = new Map<string, Message>();
  private readonly remembered = new Map<string, { id: string; until: number }>();
  private readonly rememberedInOrder = new Fifo<string>();
  private readonly listeners = new Set<() => void>();
  private sequence = 0;
  private count = 0;

  constructor(configuration: QueueConfiguration, clock: Clock) {
    this.configuration = configuration;
    this.clock = clock;
  }

  /** Messages that wait or are in flight. */
  get size(): number {
    return this.count;
  }

  get inFlight(): number {
    return this.byHandle.size;
  }

  /** What was sent in the last five minutes under the same deduplication id is not sent again. */
  send(message: NewMessage): { id: string; sequenceNumber: string } {
    const { group, deduplicationId } = message;
    const key =
      this.configuration.deduplicationScope === 'queue'
        ? deduplicationId
        : JSON.stringify([group, deduplicationId]);
    const now = this.clock.now();
    this.forget(now);
    const known = this.remembered.get(key);
    if (known) return { id: known.id, sequenceNumber: sequenceNumber(this.sequence) };
    const id = randomUUID();
    this.remembered.set(key, { id, until: now + DEDUPLICATION_MS });
    this.rememberedInOrder.push(key);
    this.add({ ...message, id }, { receiveCount: 0, firstReceivedAt: 0 });
    return { id, sequenceNumber: sequenceNumber(this.sequence) };
  }

  /** As many as there are, up to `max`; of one group as many as possible before the next. */
  receive({
    max,
    visibilityMs = this.configuration.visibilityTimeout * 1000,
  }: {
    max: number;
    visibilityMs?: number;
  }): ReceivedMessage[] {
    const now = this.clock.now();
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
    this.release(message);
  }

  changeVisibility(receiptHandle: string, visibilityMs: number): void {
    const message = this.held(receiptHandle);
    message.visibleAt = this.clock.now() + visibilityMs;
    const group = this.groups.get(message.group);
    if (visibilityMs === 0) this.giveBack(message);
    else if (group) this.watch(group);
  }

  /** Moves what waits here to another queue. @returns how many */
  moveTo(destination: FifoQueue): number {
    const before = this.count;
    for (let group = this.ready.shift(); group; group = this.ready.shift()) {
      for (
        let one = this.next(group, this.clock.now());
        one;
        one = this.next(group, this.clock.now())
      ) {
        this.count--;
        // A message of its own from here on; its deduplication id has long done its work.
        destination.add({ ...one, id: randomUUID() }, { receiveCount: 0, firstReceivedAt: 0 });
      }
      this.groups.delete(group.id);
    }
    return before - this.count;
  }

  /** What is in flight goes too. */
  purge(): void {
    this.close();
    this.groups.clear();
    this.byHandle.clear();
    while (this.ready.shift());
    this.count = 0;
  }

  /** Calls back whenever something may have become receivable. @returns how to stop that */
  onArrival(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Stops all waiting: nothing comes back any more. */
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

  private open(id: string): Group {
    const group: Group = { id, returned: [], waiting: new Fifo(), inFlight: new Set() };
    this.groups.set(id, group);
    return group;
  }

  /** The next message of a group that is neither too old nor a dead letter. */
  private next(group: Group, now: number): Message | undefined {
    for (;;) {
      const message = group.returned.shift() ?? group.waiting.shift();
      if (!message) return undefined;
      const { redrive, retention } = this.configuration;
      if (message.sentAt + retention * 1000 <= now) {
        this.count--;
      } else if (redrive && message.receiveCount >= redrive.maxReceiveCount) {
        this.count--;
        // Two messages that share a deduplication id by accident must not lose one of them there.
        redrive.deadLetters.add({ ...message, deduplicationId: message.id }, message);
      } else {
        return message;
      }
    }
  }

  private held(receiptHandle: string): Message {
    const message = this.byHandle.get(receiptHandle);
    if (message) return message;
    throw new ServiceError(
      'InvalidParameterValue',
      `Value ${receiptHandle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
    );
  }

  private giveBack(message: Message): void {
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

  /** Gives back what is not deleted in time. */
  private watch(group: Group): void {
    group.timer?.abort('set anew');
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
    for (let key = this.rememberedInOrder.peek(); key; key = this.rememberedInOrder.peek()) {
      if ((this.remembered.get(key)?.until ?? 0) > now) return;
      this.remembered.delete(key);
      this.rememberedInOrder.shift();
    }
  }
}

/** As SQS writes it, 20 digits. */
function sequenceNumber(sequence: number): string {
  return String(sequence).padStart(20, '1886500000000000000');
}

function isEmpty({ returned, waiting }: Group): boolean {
  return returned.length === 0 && waiting.peek() === undefined;
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
