import type { Update } from '@grammyjs/types';
import type { Clock } from '../clock.ts';
import type { Network } from '../network/network.ts';
import { type AttemptOutcome, type AttemptTarget, attempt } from './attempt.ts';
import { Fifo } from './fifo.ts';
import type { Parameters } from './parameters.ts';
import type { PendingUpdate, PendingUpdates } from './pending-updates.ts';
import { RetrySchedule } from './retry-schedule.ts';

/** Telegram's limits for one attempt and for answers of 410 (telegram-bot-api, WebhookActor.cpp and .h). */
const ATTEMPT_LIMIT_MS = 60_000;
const GONE_LIMIT_MS = 23 * 3_600_000;

export interface DeliveryLoopOptions {
  readonly destination: AttemptTarget;
  readonly maxConnections: number;
  readonly pending: PendingUpdates;
  readonly network: Network;
  readonly clock: Clock;
  readonly random: () => number;
  /** Called with the reply to an update, which may be a method call. */
  readonly onReply: (reply: Parameters, update: Update) => Promise<void>;
  /** Called when an attempt begins. */
  readonly onStart: (update: Update) => void;
  /** Called after each attempt, once the method call in its reply has been executed. */
  readonly onAttempt: (attempt: AttemptReport) => void;
  /** Called when an attempt is given up because the webhook changes. The update stays pending. */
  readonly onAbort: (update: Update) => void;
  /** Called when the endpoint has answered 410 for so long that Telegram closes the webhook. */
  readonly onGone: () => void;
}

/** The result of one attempt to deliver an update. */
export interface AttemptReport {
  readonly update: Update;
  /** The problem, worded like getWebhookInfo's `last_error_message`; undefined after a success. */
  readonly problem: string | undefined;
  /** Undefined when no response arrived. */
  readonly status: number | undefined;
  /** Until the response, by the clock. */
  readonly durationMs: number;
}

/** An update that has not been delivered yet. */
export interface WaitingUpdate {
  readonly update: Update;
  /** How many attempts to deliver it have failed. */
  readonly failures: number;
  /**
   * When the next attempt starts, by the clock. Undefined while an attempt is in progress, or if another update has to
   * be delivered first.
   */
  readonly nextAttemptAt: number | undefined;
  /** The update that has to be delivered first. */
  readonly behind: Update | undefined;
}

interface Queue {
  readonly key: string;
  readonly updates: Fifo<PendingUpdate>;
  /** The retry schedule of the update at the head, and how often that has failed. */
  retry: RetrySchedule;
  failures: number;
  /** Until the next attempt for the head. */
  pause?: { readonly until: number; readonly end: (reason: string) => void };
}

/**
 * Delivers a bot's pending updates to one webhook while it is set. Each queue delivers one update at a
 * time, and queues run in parallel up to `max_connections`. An update that fails holds up its own
 * queue and no other.
 *
 * Not emulated: Telegram loads only twice `max_connections` updates, and falls back to a single
 * connection when nothing has succeeded for ten seconds (telegram-bot-api, WebhookActor.cpp). A
 * failing endpoint therefore recovers more slowly there than here.
 */
export class DeliveryLoop {
  private readonly options: DeliveryLoopOptions;
  private readonly queues = new Map<string, Queue>();
  /** Queues whose head can be sent now: neither in flight nor waiting for a retry. */
  private readonly ready = new Fifo<Queue>();
  private readonly stopped = new AbortController();
  private readonly attempts = new Map<AbortController, Promise<void>>();
  private goneSince: number | undefined;

  constructor(options: DeliveryLoopOptions) {
    this.options = options;
    for (const pending of options.pending.inOrder()) this.enqueue(pending);
    this.pump();
  }

  add(pending: PendingUpdate): void {
    this.enqueue(pending);
    this.pump();
  }

  /** Aborts the attempts in flight. Their updates stay pending, though the endpoint may have them. */
  async stop(): Promise<void> {
    this.stopped.abort();
    for (const attempt of this.attempts.keys()) attempt.abort();
    this.retry();
    await Promise.all(this.attempts.values());
  }

  /** Returns the updates that are not delivered yet, each queue in its order. */
  waiting(): WaitingUpdate[] {
    const { pending } = this.options;
    return [...this.queues.values()].flatMap(({ updates, failures, pause }) => {
      const [head, ...others] = [...updates].filter((entry) => pending.has(entry));
      if (!head) return [];
      const { update } = head;
      const behind = { failures: 0, nextAttemptAt: undefined, behind: update };
      return [
        { update, failures, nextAttemptAt: pause?.until, behind: undefined },
        ...others.map((other) => ({ update: other.update, ...behind })),
      ];
    });
  }

  /** Starts the next attempt of every update that waits for one. */
  retry(): void {
    for (const { pause } of [...this.queues.values()]) pause?.end('retried');
  }

  /** Drops an update, so that those behind it are delivered. @returns whether it was waiting */
  drop(updateId: number): boolean {
    const { pending } = this.options;
    for (const { updates, pause } of this.queues.values()) {
      const entries = [...updates].filter((entry) => pending.has(entry));
      const found = entries.findIndex(({ update }) => update.update_id === updateId);
      if (found < 0) continue;
      pending.remove(entries[found] as PendingUpdate);
      if (found === 0) pause?.end('dropped');
      return true;
    }
    return false;
  }

  private enqueue(pending: PendingUpdate): void {
    const queue = this.queues.get(pending.queue);
    if (queue) {
      queue.updates.push(pending);
      return;
    }
    const opened: Queue = {
      key: pending.queue,
      updates: new Fifo(),
      retry: this.newRetry(),
      failures: 0,
    };
    opened.updates.push(pending);
    this.queues.set(opened.key, opened);
    this.ready.push(opened);
  }

  private pump(): void {
    while (!this.stopped.signal.aborted && this.attempts.size < this.options.maxConnections) {
      const queue = this.ready.shift();
      if (!queue) return;
      const head = this.headOf(queue);
      if (!head) {
        this.queues.delete(queue.key);
        continue;
      }
      const aborter = new AbortController();
      const delivered = this.deliver(queue, head, aborter).finally(() => {
        this.attempts.delete(aborter);
        this.pump();
      });
      this.attempts.set(aborter, delivered);
    }
  }

  /** Returns the first update of a queue that is still pending. */
  private headOf(queue: Queue): PendingUpdate | undefined {
    for (let head = queue.updates.peek(); head; head = queue.updates.peek()) {
      if (this.options.pending.has(head)) return head;
      this.shift(queue);
    }
    return undefined;
  }

  private async deliver(
    queue: Queue,
    head: PendingUpdate,
    aborter: AbortController,
  ): Promise<void> {
    const { clock, onReply, onStart, onAttempt, onAbort } = this.options;
    const { update } = head;
    const startedAt = clock.now();
    onStart(update);
    const outcome = await this.attemptInTime(head, aborter);
    if (this.stopped.signal.aborted) return onAbort(update);
    const { status } = outcome;
    const report = { update, status, durationMs: clock.now() - startedAt };
    if (outcome.accepted) {
      this.goneSince = undefined;
      this.done(queue, head, { isDelivered: true });
      await onReply(outcome.reply, update);
      onAttempt({ ...report, problem: undefined });
    } else {
      this.postpone(queue, head, outcome.retryAfter);
      onAttempt({ ...report, problem: outcome.problem });
      this.watchGone(status);
    }
  }

  private async attemptInTime(
    head: PendingUpdate,
    aborter: AbortController,
  ): Promise<AttemptOutcome> {
    const { clock, network, destination } = this.options;
    const answered = new AbortController();
    clock.sleep(ATTEMPT_LIMIT_MS, answered.signal).then(
      () => aborter.abort(),
      () => {},
    );
    try {
      return await attempt(network, destination, head.update, aborter.signal);
    } finally {
      // An explicit reason, because the default is an error with a stack trace, for every update.
      answered.abort('answered');
    }
  }

  private postpone(queue: Queue, head: PendingUpdate, retryAfter: number): void {
    const { clock, pending } = this.options;
    const delay = queue.retry.next(retryAfter) * 1000;
    const until = clock.now() + delay;
    queue.failures++;
    if (until > head.expiresAt || !pending.has(head)) {
      this.done(queue, head);
    } else if (delay === 0) {
      this.ready.push(queue);
    } else {
      const ending = new AbortController();
      queue.pause = { until, end: (reason) => ending.abort(reason) };
      const end = () => this.resume(queue);
      clock.sleep(delay, ending.signal).then(end, end);
    }
  }

  private resume(queue: Queue): void {
    queue.pause = undefined;
    this.ready.push(queue);
    this.pump();
  }

  private done(queue: Queue, head: PendingUpdate, { isDelivered = false } = {}): void {
    this.options.pending.remove(head, { isDelivered });
    this.shift(queue);
    this.ready.push(queue);
  }

  private shift(queue: Queue): void {
    queue.updates.shift();
    queue.retry = this.newRetry();
    queue.failures = 0;
  }

  private watchGone(status: number | undefined): void {
    if (status === undefined) return;
    const now = this.options.clock.now();
    this.goneSince = status === 410 ? (this.goneSince ?? now) : undefined;
    if (this.goneSince !== undefined && now > this.goneSince + GONE_LIMIT_MS) this.options.onGone();
  }

  private newRetry(): RetrySchedule {
    return new RetrySchedule(this.options.random);
  }
}
