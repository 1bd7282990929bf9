import type { Update, WebhookInfo } from '@grammyjs/types';
import type { Clock } from '../clock.ts';
import type { BotApiAnswer } from '../telegram/bot-api-error.ts';
import { isUnknownToken, webhookHostIn } from './real-bot.ts';
import { NoAnswerError, type RealBotApi } from './real-bot-api.ts';
import type { UnfinishedUpdates } from './unfinished.ts';

export interface PollerOptions {
  readonly api: RealBotApi;
  readonly clock: Clock;
  readonly unfinished: UnfinishedUpdates;
  /** Returns the types that the app's webhook asks for; empty for Telegram's default. */
  readonly allowedUpdates: () => readonly string[];
  /** Takes each update once. */
  readonly onUpdate: (update: Update) => void;
  /** Receives what a person should know, in whole sentences. */
  readonly say: (text: string) => void;
}

/** Why polling has ended. Only `stopped` is no failure. */
export type PollingEnd = 'stopped' | 'token revoked' | 'webhook set' | 'refused';

/** How long Telegram waits for an update, in seconds; at most 50. */
const LONG_POLL_S = 50;
/** How much longer an answer may take on its way. */
const GRACE_S = 30;
/** The most updates that Telegram returns. */
const MAX_UPDATES = 100;
/** With unfinished updates Telegram answers at once, so this is the pause in between. More than its limit of 500 ms. */
const RECHECK_MS = 1000;
const FIRST_RETRY_S = 1;
const LAST_RETRY_S = 30;

/** Asks Telegram for updates until it is stopped, and confirms none that is unfinished. */
export class Poller {
  private readonly options: PollerOptions;
  /** What is wrong at the moment, so that it is said once. */
  private trouble = '';
  private retryS = FIRST_RETRY_S;
  private confirmedOffset = 0;
  private isFull = false;

  constructor(options: PollerOptions) {
    this.options = options;
  }

  async run(stopping: AbortSignal): Promise<PollingEnd> {
    while (!stopping.aborted) {
      try {
        const end = await this.round(stopping);
        if (end) return end;
      } catch (error) {
        if (stopping.aborted) break;
        if (!(error instanceof NoAnswerError)) throw error;
        await this.retry('network', `${error.message}. It is tried again until it works`, stopping);
      }
    }
    return 'stopped';
  }

  /** Lets Telegram forget what is finished. @returns whether it does */
  async confirm(): Promise<boolean> {
    const { unfinished, api } = this.options;
    const { offset } = unfinished;
    if (offset === this.confirmedOffset) return true;
    const parameters = { offset: String(offset), limit: '1', timeout: '0' };
    const answer = await this.inTime(GRACE_S, (signal) =>
      api.call('getUpdates', parameters, signal),
    ).catch(() => undefined);
    return answer?.ok === true;
  }

  private async round(stopping: AbortSignal): Promise<PollingEnd | undefined> {
    const { unfinished, clock, onUpdate } = this.options;
    const { offset } = unfinished;
    const answer = await this.poll(offset, stopping);
    if (stopping.aborted) return undefined;
    if (!answer.ok) return this.refused(answer, stopping);
    this.recovered();
    this.confirmedOffset = offset;
    unfinished.confirmed(offset);
    const updates = answer.result as readonly Update[];
    const added = updates.filter((update) => unfinished.add(update));
    for (const update of added) onUpdate(update);
    this.watchWindow(updates.length, added.length);
    const pause = new AbortController();
    const ending = AbortSignal.any([pause.signal, stopping]);
    const timer = clock.sleep(RECHECK_MS, ending).catch(() => {});
    await Promise.race([timer, unfinished.empty()]);
    pause.abort('over');
    return undefined;
  }

  private poll(offset: number, stopping: AbortSignal): Promise<BotApiAnswer> {
    const { api, unfinished, allowedUpdates } = this.options;
    // After trouble an answer at once shows that it is over. One that does not wait ends no other program's wait.
    const isTrouble = this.trouble !== '' && this.trouble !== 'conflict';
    const timeout = unfinished.size > 0 || isTrouble ? 0 : LONG_POLL_S;
    const parameters = {
      offset: String(offset),
      limit: String(MAX_UPDATES),
      timeout: String(timeout),
      // Left out, it would be what another program has asked for.
      allowed_updates: JSON.stringify(allowedUpdates()),
    };
    return this.inTime(
      timeout + GRACE_S,
      (signal) => api.call('getUpdates', parameters, signal),
      stopping,
    );
  }

  /** Ends a request that a network has swallowed. */
  private async inTime<T>(
    seconds: number,
    request: (signal: AbortSignal) => Promise<T>,
    stopping?: AbortSignal,
  ): Promise<T> {
    const late = new AbortController();
    const answered = new AbortController();
    this.options.clock.sleep(seconds * 1000, answered.signal).then(
      () => late.abort(new DOMException('', 'TimeoutError')),
      () => {},
    );
    try {
      return await request(AbortSignal.any([late.signal, ...(stopping ? [stopping] : [])]));
    } finally {
      answered.abort('answered');
    }
  }

  private async refused(
    { error_code, description, parameters }: Extract<BotApiAnswer, { ok: false }>,
    stopping: AbortSignal,
  ): Promise<PollingEnd | undefined> {
    const { api, say } = this.options;
    if (isUnknownToken(error_code)) {
      say(
        `Telegram no longer knows the token (${error_code}): it was revoked. Start again with the current one, which ` +
          '@BotFather shows after /mybots.',
      );
      return 'token revoked';
    }
    if (error_code === 409) {
      const info = await this.inTime(
        GRACE_S,
        (signal) => api.call('getWebhookInfo', {}, signal),
        stopping,
      );
      if (!info.ok) return this.refused(info, stopping);
      const host = webhookHostIn(info.result as WebhookInfo);
      if (host === undefined) return this.conflict(stopping);
      say(
        `The bot has a webhook now, at ${host}, so Telegram sends its updates there. Destroy the stack that has set it, ` +
          'or use another bot for development.',
      );
      return 'webhook set';
    }
    if (error_code === 429) {
      const seconds = parameters?.retry_after ?? FIRST_RETRY_S;
      await this.retry('rate', `Telegram asks to wait ${seconds} s (429)`, stopping, seconds);
      return undefined;
    }
    if (error_code >= 500) {
      await this.retry(
        'server',
        `${api.root} answered with ${error_code}. It is tried again until it works`,
        stopping,
      );
      return undefined;
    }
    say(`Telegram refused getUpdates: ${description}.`);
    return 'refused';
  }

  private async conflict(stopping: AbortSignal): Promise<undefined> {
    await this.retry(
      'conflict',
      'Another program asks Telegram for the updates of this bot (409), and takes some of them away: another ' +
        'npm start -- --live, or a bot with long polling. Stop it, or use another bot here',
      stopping,
    );
  }

  /** Says what is wrong, unless it was said before, and waits. */
  private async retry(
    trouble: string,
    text: string,
    stopping: AbortSignal,
    seconds = this.retryS,
  ): Promise<undefined> {
    const { clock, say } = this.options;
    if (this.trouble !== trouble) say(`${text}.`);
    this.trouble = trouble;
    this.retryS = Math.min(this.retryS * 2, LAST_RETRY_S);
    await clock.sleep(seconds * 1000, stopping).catch(() => {});
  }

  private recovered(): void {
    if (this.trouble !== '') this.options.say('Telegram sends updates here again.');
    this.trouble = '';
    this.retryS = FIRST_RETRY_S;
  }

  /** Says when the first unfinished update keeps Telegram from showing more. */
  private watchWindow(returned: number, added: number): void {
    const isFull = returned === MAX_UPDATES && added === 0;
    if (isFull && !this.isFull) {
      this.options.say(
        `Telegram shows ${MAX_UPDATES} updates from the first unfinished one on, and no more until the bot has handled ` +
          `update ${this.options.unfinished.offset}: fix the bot, or drop that update on the page.`,
      );
    }
    this.isFull = isFull;
  }
}
