import type { ApiMethods, UserFromGetMe } from '@grammyjs/types';
import type { TelegramEnvironment } from '../contract.ts';
import { resultOf } from './answer.ts';
import { type InputFile, requestBody } from './body.ts';
import { TelegramUnreachableError } from './errors.ts';
import { type CurrentWebhook, checkBot, checkConfirmation, checkWebhook } from './results.ts';

/** How long one call may take by default. */
export const CALL_TIMEOUT_MS = 10_000;

type Methods = ApiMethods<InputFile>;
type Method = keyof Methods;
type Input<M extends Method> = Parameters<Methods[M]>[0];
type Result<M extends Method> = ReturnType<Methods[M]>;

/** Which Bot API a bot has. */
export interface BotApiAddress {
  /** Root of the Bot API, without a trailing slash: `https://api.telegram.org`. */
  readonly apiRoot: string;
  /** @default 'prod' */
  readonly environment?: TelegramEnvironment;
}

export interface BotApiOptions extends BotApiAddress {
  readonly token: string;
  /**
   * How long one call may take, from the connection to the last byte of the response.
   *
   * @default 10_000
   */
  readonly timeoutMs?: number;
}

export interface CallOptions {
  /** Cancels the call before its timeout. */
  readonly signal?: AbortSignal;
}

/**
 * A client of the Telegram Bot API. Each call is one HTTP request without retries, because when to try again
 * depends on the caller.
 *
 * Every method throws `TelegramRefusedError` when Telegram refuses and `TelegramUnreachableError` when it does
 * not answer. Neither error holds the token, or a URL, which would contain it.
 */
export class BotApi {
  readonly #token: string;
  /** Everything before the method, with the token in it. */
  readonly #base: string;
  readonly #timeoutMs: number;

  constructor({ token, apiRoot, environment, timeoutMs = CALL_TIMEOUT_MS }: BotApiOptions) {
    this.#token = token;
    this.#base = `${apiRoot}/bot${token}/${environment === 'test' ? 'test/' : ''}`;
    this.#timeoutMs = timeoutMs;
  }

  /** Returns the token's bot. */
  async getMe(options?: CallOptions): Promise<UserFromGetMe> {
    return checkBot(await this.call('getMe', undefined, options), this.#token);
  }

  /** Returns the webhook, whose `url` is empty when there is none. */
  async getWebhookInfo(options?: CallOptions): Promise<CurrentWebhook> {
    return checkWebhook(await this.call('getWebhookInfo', undefined, options));
  }

  /**
   * Sets the webhook; an empty `url` removes it. An omitted `allowed_updates` keeps its previous value, any
   * other omitted parameter returns to its default.
   */
  async setWebhook(parameters: Input<'setWebhook'>, options?: CallOptions): Promise<true> {
    return checkConfirmation(await this.call('setWebhook', parameters, options));
  }

  /** Calls any method of the Bot API. A file must be a parameter of its own, like `certificate`. */
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
      const response = await fetch(`${this.#base}${method}`, {
        method: 'POST',
        ...requestBody(parameters),
        // The token must not be sent to wherever a redirect points.
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

  /** Removes the token from the text of a server that quotes the request's path. The bot id is no secret. */
  #redact(text: string): string {
    return text.replaceAll(this.#token.slice(this.#token.indexOf(':') + 1), '<token>');
  }
}

/**
 * Describes the underlying error. The message of `fetch` itself says nothing (`fetch failed`), or quotes an
 * invalid URL with the token in it.
 */
function rootCause({ cause }: Error): string {
  const { message, code } = (cause ?? {}) as NodeJS.ErrnoException;
  return (
    message || code || 'the request could not be sent; check that the root of the Bot API is a URL'
  );
}
