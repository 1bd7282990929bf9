import type { ApiMethods, UserFromGetMe, WebhookInfo } from '@grammyjs/types';
import { resultOf } from './answer.ts';
import { type InputFile, requestBody } from './body.ts';
import { TelegramUnreachableError } from './errors.ts';

/** How long one call may take, unless its maker says otherwise. */
export const CALL_TIMEOUT_MS = 10_000;

type Methods = ApiMethods<InputFile>;
type Method = keyof Methods;
type Input<M extends Method> = Parameters<Methods[M]>[0];
type Result<M extends Method> = ReturnType<Methods[M]>;

export interface BotApiOptions {
  readonly token: string;
  /** Root of the Bot API, without a trailing slash: `https://api.telegram.org`. */
  readonly apiRoot: string;
  /**
   * How long one call may take, from the connection to the answer's last byte.
   *
   * @default 10_000
   */
  readonly timeoutMs?: number;
}

export interface CallOptions {
  /** Ends the call before its time-out. */
  readonly signal?: AbortSignal;
}

/**
 * The Telegram Bot API, one HTTP request a call and no retries: when to try again depends on who asks.
 *
 * Every method throws `TelegramRefused` when Telegram says no and `TelegramUnreachable` when it says
 * nothing. Neither holds the token, nor a URL, for the token is in it.
 */
export class BotApi {
  readonly #token: string;
  readonly #apiRoot: string;
  readonly #timeoutMs: number;

  constructor({ token, apiRoot, timeoutMs = CALL_TIMEOUT_MS }: BotApiOptions) {
    this.#token = token;
    this.#apiRoot = apiRoot;
    this.#timeoutMs = timeoutMs;
  }

  getMe(options?: CallOptions): Promise<UserFromGetMe> {
    return this.call('getMe', undefined, options);
  }

  getWebhookInfo(options?: CallOptions): Promise<WebhookInfo> {
    return this.call('getWebhookInfo', undefined, options);
  }

  /** An empty `url` removes the webhook. What is left out keeps its value or goes back to a default. */
  setWebhook(parameters: Input<'setWebhook'>, options?: CallOptions): Promise<true> {
    return this.call('setWebhook', parameters, options);
  }

  /** Any method of the Bot API. A file is a parameter of its own, as in `setWebhook`'s `certificate`. */
  async call<M extends Method>(
    method: M,
    ...[parameters, { signal } = {}]: undefined extends Input<M>
      ? [parameters?: Input<M>, options?: CallOptions]
      : [parameters: Input<M>, options?: CallOptions]
  ): Promise<Result<M>> {
    const { status, text } = await this.#post(method, parameters ?? {}, signal);
    return resultOf<Result<M>>(method, status, this.#redact(text));
  }

  async #post(method: string, parameters: object, cancel?: AbortSignal) {
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    try {
      const response = await fetch(`${this.#apiRoot}/bot${this.#token}/${method}`, {
        method: 'POST',
        ...requestBody(parameters),
        // The token must not travel to wherever a proxy points.
        redirect: 'manual',
        signal: cancel ? AbortSignal.any([cancel, timeout]) : timeout,
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      if (cancel?.aborted) throw new TelegramUnreachableError(method, 'the call was cancelled');
      if (timeout.aborted) {
        throw new TelegramUnreachableError(method, `no answer within ${this.#timeoutMs / 1000} s`);
      }
      throw new TelegramUnreachableError(method, this.#redact(rootCause(error as Error)));
    }
  }

  /** For servers that quote the request's path. The bot id before the colon is no secret. */
  #redact(text: string): string {
    return text.replaceAll(this.#token.slice(this.#token.indexOf(':') + 1), '<token>');
  }
}

/** `fetch failed` says nothing, and an invalid URL is quoted in full: what lies beneath is apt and safe. */
function rootCause({ cause }: Error): string {
  const { message, code } = (cause ?? {}) as NodeJS.ErrnoException;
  return message || code || 'the request could not be made; is the root of the Bot API a URL?';
}
