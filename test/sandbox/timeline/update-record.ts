import type { FifoQueue, QueueEvent } from '../aws/sqs/fifo-queue.ts';
import type { BotUpdate, DeliveryReport } from '../telegram/telegram.ts';
import type { CallRecord } from './call-record.ts';
import type { DeliveryAttempt, QueueState, UpdateEntry, UpdateStatus } from './entries.ts';
import type { InvocationRecord } from './invocation-record.ts';
import { pushLatest } from './latest.ts';
import type { Scrubber } from './scrubber.ts';

/** What a queue does with a message, and how it looks then. */
const STATUS_AFTER = {
  sent: 'waiting',
  received: 'running',
  returned: 'failing',
  'dead letter': 'dead letter',
  redriven: 'waiting',
  lost: 'dropped',
} as const satisfies Partial<Record<QueueEvent['kind'], UpdateStatus>>;

/** The message of a queue that holds an update. */
interface QueuedMessage {
  /** Where it is now: also a dead-letter queue. */
  queue: FifoQueue;
  status: UpdateStatus;
  state: QueueState;
}

/** An update while it is on its way. */
export class UpdateRecord {
  readonly botId: number;
  readonly updateId: number;
  readonly at: number;
  readonly invocations: InvocationRecord[] = [];
  readonly calls: CallRecord[] = [];
  origin: UpdateEntry['origin'] = 'person';
  message?: QueuedMessage;
  private readonly update: UpdateEntry['update'];
  private readonly deliveries: DeliveryAttempt[] = [];
  /** Whether an attempt of Telegram's is in progress, or the call in its reply. */
  private isAttempting = false;
  private atTelegram: 'pending' | 'delivered' | 'dropped' = 'pending';
  private behind: number | undefined;
  private nextAttemptAt: number | undefined;

  constructor({ botId, update }: BotUpdate, at: number, scrubber: Scrubber) {
    this.botId = botId;
    this.updateId = update.update_id;
    this.at = at;
    this.update = scrubber.value(update);
  }

  get isAtTelegram(): boolean {
    return this.atTelegram === 'pending';
  }

  attempt(at: number): void {
    this.isAttempting = true;
    this.nextAttemptAt = undefined;
    pushLatest(this.deliveries, { at });
  }

  attempted({ status, problem, durationMs }: Partial<DeliveryReport>): void {
    this.isAttempting = false;
    const current = this.deliveries.pop();
    if (!current) return;
    this.deliveries.push({
      at: current.at,
      ...(durationMs !== undefined && { durationMs }),
      ...(status !== undefined && { status }),
      ...(problem !== undefined && { problem }),
    });
  }

  /** Ends an attempt that has led to nothing, because the webhook has changed. */
  aborted(at: number): void {
    const begun = this.deliveries.at(-1)?.at ?? at;
    this.attempted({ durationMs: at - begun, problem: 'Aborted: the webhook has changed' });
  }

  leaveTelegram(isDelivered: boolean): void {
    this.atTelegram = isDelivered ? 'delivered' : 'dropped';
    this.wait({});
  }

  /** Takes note of what happens to its message. */
  queueHas({ kind, queue, message }: QueueEvent, at: number): void {
    const { redrive } = queue.configuration;
    const maxAttempts = redrive?.maxReceiveCount;
    const before = this.message?.state ?? {
      enqueuedAt: at,
      attempts: 0,
      ...(maxAttempts !== undefined && { maxAttempts }),
    };
    const { deletedAt: _, deadLetterAt: __, ...open } = before;
    const isHandled = kind === 'deleted' && this.message?.status === 'running';
    const deletion = isHandled ? 'handled' : 'dropped';
    const status = kind === 'deleted' ? deletion : STATUS_AFTER[kind];
    this.message = {
      queue: kind === 'dead letter' ? (redrive?.deadLetters ?? queue) : queue,
      status,
      state: {
        ...open,
        attempts: kind === 'redriven' ? 0 : message.receiveCount,
        ...(kind === 'deleted' && { deletedAt: at }),
        ...(kind === 'dead letter' && { deadLetterAt: at }),
      },
    };
    if (status !== 'waiting') this.wait({});
  }

  /** Takes note that the bot has failed, unless the queue has delivered the message again by now. */
  failed(receiveCount: number): void {
    const { message } = this;
    if (message?.status !== 'running' || message.state.attempts !== receiveCount) return;
    this.message = { ...message, status: 'failing' };
  }

  /** Sets what it waits for. @returns whether that has changed */
  wait({ behind, nextAttemptAt }: { behind?: number; nextAttemptAt?: number }): boolean {
    const isNew = behind !== this.behind || nextAttemptAt !== this.nextAttemptAt;
    this.behind = behind;
    this.nextAttemptAt = nextAttemptAt;
    return isNew;
  }

  get key(): string {
    return keyOf(this.botId, this.updateId);
  }

  get entry(): UpdateEntry {
    const { key, botId, at, update, origin, behind, nextAttemptAt, updateId, message } = this;
    return {
      kind: 'update',
      ...{ key, botId, at, update, origin },
      status: this.status,
      ...(behind !== undefined && { behind }),
      ...(nextAttemptAt !== undefined && { nextAttemptAt }),
      deliveries: [...this.deliveries],
      invocations: this.invocations.map((invocation) => invocation.value(updateId)),
      calls: this.calls.map((call) => call.value),
      ...(message && { queue: message.state }),
    };
  }

  private get status(): UpdateStatus {
    if (this.isAttempting) return 'running';
    if (this.atTelegram === 'dropped') return 'dropped';
    if (this.atTelegram === 'pending') return this.deliveries.length > 0 ? 'failing' : 'waiting';
    const { status = 'handled' } = this.message ?? {};
    // It went back to the queue together with the one that has failed.
    return status === 'failing' && this.behind !== undefined ? 'waiting' : status;
  }
}

export function keyOf(botId: number, updateId: number): string {
  return `update ${botId} ${updateId}`;
}
