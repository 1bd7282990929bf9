import type { AnyMethod, WebhookApi } from '../../../functions/registrar/services.ts';
import {
  TelegramRefusedError,
  TelegramUnreachableError,
} from '../../../functions/telegram/errors.ts';
import type { CurrentWebhook } from '../../../functions/telegram/results.ts';
import type { MessageDelays } from './message-delays.ts';

/** Who calls Telegram: a deploy, a destroy or a check of a stack, or a person. */
export interface ModelCaller {
  readonly kind: 'deploy' | 'destroy' | 'watch' | 'person';
  /** Name of the stack; empty for a person. */
  readonly stack: string;
}

export interface ModelWebhook {
  readonly url: string;
  readonly secret: string;
  readonly maxConnections: number;
  readonly allowedUpdates: readonly string[];
}

type SetWebhook = Parameters<WebhookApi['setWebhook']>[0];

/** A change of the webhook that took effect. */
export interface WebhookChange {
  readonly at: number;
  readonly caller: ModelCaller;
  /** The URL that the call asked for; empty to remove the webhook. */
  readonly url: string;
  readonly previous?: ModelWebhook;
  /** When the previous webhook was set. */
  readonly previousAt: number;
}

/** The webhook of one bot, with Telegram's trap: setWebhook erases the old one, then validates and sets the new one. */
export class ModelTelegram {
  webhook?: ModelWebhook;
  onChange: (change: WebhookChange) => void = () => {};
  /** Whether deliveries to the webhook are rejected with 401. */
  isRejected: (webhook: ModelWebhook) => boolean = () => false;
  private readonly delays: MessageDelays;
  private changedAt = 0;
  /** Counts the calls that replace each other. */
  private calls = 0;

  constructor(delays: MessageDelays) {
    this.delays = delays;
  }

  /** Returns the Bot API as one caller reaches it. */
  api(caller: ModelCaller): WebhookApi & AnyMethod {
    const { delays } = this;
    return {
      getMe: () => Promise.reject(new Error('Nothing in this model asks who the bot is')),
      getWebhookInfo: () =>
        delays.call(
          () => this.info(),
          () => new TelegramUnreachableError('getWebhookInfo', 'no answer within 10 s'),
        ),
      setWebhook: (parameters) =>
        delays.call(
          (remainingMs) => this.set(parameters, caller, remainingMs),
          () => new TelegramUnreachableError('setWebhook', 'no answer within 10 s'),
        ),
      call: () => Promise.reject(new Error('Nothing in this model has a profile')),
    };
  }

  private info(): CurrentWebhook {
    const { webhook, delays } = this;
    const isRejected = webhook && this.isRejected(webhook);
    return {
      url: webhook?.url ?? '',
      has_custom_certificate: false,
      pending_update_count: isRejected ? 1 : 0,
      ...(webhook && { max_connections: webhook.maxConnections }),
      ...(webhook?.allowedUpdates.length && {
        allowed_updates: webhook.allowedUpdates as CurrentWebhook['allowed_updates'],
      }),
      ...(isRejected && {
        last_error_date: Math.floor(delays.clock.now() / 1000),
        last_error_message: 'Wrong response from the webhook: 401 Unauthorized',
      }),
    };
  }

  private async set(
    parameters: SetWebhook,
    caller: ModelCaller,
    remainingMs: number,
  ): Promise<true> {
    const { url } = parameters;
    const call = ++this.calls;
    this.change(caller, url, undefined);
    if (url === '') return true;
    // Validation and DNS.
    await this.delays.clock.sleep(this.delays.upTo(remainingMs));
    if (call !== this.calls) {
      throw new TelegramRefusedError('setWebhook', 409, 'Conflict: terminated by other setWebhook');
    }
    if (this.delays.happens(0.05)) {
      const description =
        'Bad Request: bad webhook: Failed to resolve host: Name or service not known';
      throw new TelegramRefusedError('setWebhook', 400, description);
    }
    this.change(caller, url, {
      url,
      secret: parameters.secret_token ?? '',
      maxConnections: parameters.max_connections ?? 40,
      allowedUpdates: parameters.allowed_updates ?? [],
    });
    return true;
  }

  private change(caller: ModelCaller, url: string, webhook: ModelWebhook | undefined): void {
    const at = this.delays.clock.now();
    const { webhook: previous, changedAt: previousAt } = this;
    this.webhook = webhook;
    this.changedAt = at;
    this.onChange({ at, caller, url, previous, previousAt });
  }
}
