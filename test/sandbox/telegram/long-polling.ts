import type { Clock } from '../clock.ts';
import { type BotApiAnswer, BotApiError, succeed } from './bot-api-error.ts';
import type { Parameters } from './parameters.ts';
import type { PendingUpdate, PendingUpdates } from './pending-updates.ts';
import type { Webhook } from './webhook.ts';

export interface LongPollingOptions {
  readonly pending: PendingUpdates;
  readonly clock: Clock;
  readonly webhook: Webhook;
}

interface Request {
  readonly offset: number;
  readonly limit: number;
  readonly resolve: (answer: BotApiAnswer) => void;
  readonly reject: (refusal: BotApiError) => void;
  /** Ends the wait for the timeout. */
  readonly stop: () => void;
}

const MAX_TIMEOUT = 50;
/** The answer holds at most this many bytes of updates, each with 50 more. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/** An offset further ahead of the next update counts as none (tdlib, TQueue.cpp). */
const MAX_AHEAD = 10;
const CONFLICT_PAUSE_MS = 3000;

/**
 * Answers getUpdates for one token as Telegram's server does (telegram-bot-api, Client.cpp): one
 * request waits at a time, and a newer one or setWebhook ends it. A waiting request is answered with
 * the first new update; Telegram lets 1 to 2 ms pass, in case there are more.
 */
export class LongPolling {
  private readonly options: LongPollingOptions;
  private readonly closing = new AbortController();
  private waiting: Request | undefined;
  private previousOffset = -1;
  private previousAt = Number.NEGATIVE_INFINITY;
  private nextConflictAt = 0;

  constructor(options: LongPollingOptions) {
    this.options = options;
    options.webhook.onSet = () => this.end('Conflict: terminated by setWebhook request');
  }

  /** Executes getUpdates. Resolves when there are updates, or after the timeout. @throws BotApiError */
  async poll(parameters: Parameters): Promise<BotApiAnswer> {
    const { webhook, clock } = this.options;
    if (webhook.state) {
      throw await this.conflict(
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
      );
    }
    const offset = parameters.integer('offset', { default: 0, min: -(2 ** 31), max: 2 ** 31 - 1 });
    let limit = parameters.integer('limit', { default: 100, min: 1, max: 100 });
    let timeout = parameters.integer('timeout', { default: 0, min: 0, max: MAX_TIMEOUT });
    webhook.keepAllowedUpdates(parameters);

    // A bot that asks for the same updates over and over is slowed down.
    const sinceLast = clock.now() - this.previousAt;
    if (offset === this.previousOffset && sinceLast < 3000) timeout = Math.max(timeout, 3);
    if (offset === this.previousOffset && sinceLast < 500) limit = 1;
    this.previousOffset = offset;
    this.previousAt = clock.now();

    const from = this.confirm(offset);
    const updates = this.updatesFrom(from, limit);
    if (updates.length > 0 || timeout === 0) return succeed(updates);
    this.end(
      'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
    );
    return this.wait(from, limit, timeout * 1000);
  }

  /** Answers the waiting request, if there is something for it. */
  wake(): void {
    const { waiting } = this;
    if (!waiting) return;
    const updates = this.updatesFrom(waiting.offset, waiting.limit);
    if (updates.length > 0) this.settle()?.resolve(succeed(updates));
  }

  /** Ends all pauses, and answers the waiting request with no updates, as for a revoked token. */
  close(): void {
    this.closing.abort();
    this.settle()?.resolve(succeed([]));
  }

  /**
   * Confirms the updates before the offset, which Telegram then forgets. A negative one keeps as many
   * of the newest. Returns the id of the first update to send.
   */
  private confirm(offset: number): number {
    const { pending } = this.options;
    if (offset > pending.nextUpdateId + MAX_AHEAD) return 0;
    const waiting = pending.inOrder();
    const confirmed =
      offset < 0
        ? waiting.slice(0, Math.max(waiting.length + offset, 0))
        : waiting.filter(({ update }) => update.update_id < offset);
    for (const update of confirmed) pending.remove(update, { isDelivered: true });
    return offset;
  }

  private updatesFrom(offset: number, limit: number) {
    let bytes = MAX_ANSWER_BYTES;
    const fits = ({ update }: PendingUpdate) => {
      bytes -= 50 + Buffer.byteLength(JSON.stringify(update));
      return bytes > 0;
    };
    const waiting = this.options.pending.inOrder();
    const chosen = waiting.filter(({ update }) => update.update_id >= offset).slice(0, limit);
    const tooMany = chosen.findIndex((pending) => !fits(pending));
    const sent = tooMany < 0 ? chosen : chosen.slice(0, tooMany);
    return sent.map(({ update }) => update);
  }

  private wait(offset: number, limit: number, ms: number): Promise<BotApiAnswer> {
    const { clock } = this.options;
    if (this.closing.signal.aborted) return Promise.resolve(succeed([]));
    const timer = new AbortController();
    return new Promise((resolve, reject) => {
      const request: Request = { offset, limit, resolve, reject, stop: () => timer.abort() };
      this.waiting = request;
      clock.sleep(ms, timer.signal).then(
        () => {
          if (this.waiting === request) this.waiting = undefined;
          resolve(succeed([]));
        },
        () => {},
      );
    });
  }

  /** Refuses the waiting request. */
  private end(problem: string): void {
    const waiting = this.settle();
    if (waiting) void this.conflict(problem).then(waiting.reject);
  }

  private settle(): Request | undefined {
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.stop();
    return waiting;
  }

  /** Returns the refusal: at once, or after a pause if there was another one in the last 3 seconds. */
  private async conflict(problem: string): Promise<BotApiError> {
    const { clock } = this.options;
    if (clock.now() >= this.nextConflictAt) this.nextConflictAt = clock.now() + CONFLICT_PAUSE_MS;
    else await clock.sleep(CONFLICT_PAUSE_MS, this.closing.signal).catch(() => {});
    return new BotApiError(409, problem);
  }
}
