import type { ApiMethods, UserFromGetMe } from '@grammyjs/types';
import type { TelegramEnvironment } from '../contract.ts';
import { Connections, type ConnectionsOptions, type HttpResponse } from '../http/connections.ts';
import { resultOf } from './answer.ts';
import { type InputFile, type RequestBody, requestBody } from './body.ts';
import { classify } from './classify.ts';
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

export interface BotApiOptions extends BotApiAddress, ConnectionsOptions {
  /** The bot token, or how to get it: each call waits for it. */
  readonly token: string | (() => Promise<string>);
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
  /**
   * How long to wait, in all, when Telegram answers 429 and says when to call again. A longer wait is not begun.
   *
   * @default 0 - a 429 is thrown
   */
  readonly rateLimitWaitMs?: number;
}

/**
 * A client of the Telegram Bot API, which keeps its connections open. A call whose kept connection turns out to be
 * dead is sent again, once, if Telegram cannot have executed it or if it only reads. Nothing else is retried, because
 * when to try again depends on the caller.
 *
 * Every method throws `TelegramRefusedError` when Telegram refuses and `TelegramUnreachableError` when it does
 * not answer. Neither error holds the token, or a URL, which would contain it.
 */
export class BotApi {
  readonly #token: () => Promise<string>;
  readonly #apiRoot: string;
  readonly #infix: string;
  readonly #timeoutMs: number;
  readonly #connectionsOptions: ConnectionsOptions;
  #connections?: Connections;

  constructor({
    token,
    apiRoot,
    environment,
    timeoutMs = CALL_TIMEOUT_MS,
    ...connections
  }: BotApiOptions) {
    this.#token = typeof token === 'string' ? async () => token : token;
    this.#apiRoot = apiRoot;
    this.#infix = environment === 'test' ? 'test/' : '';
    this.#timeoutMs = timeoutMs;
    this.#connectionsOptions = connections;
  }

  /** Opens a connection ahead of the first call. @throws the error of the connection, or the signal's reason */
  async open(signal: AbortSignal): Promise<void> {
    await this.#server().open(signal);
  }

  /** Closes all connections. */
  close(): void {
    this.#connections?.close();
  }

  /** Returns the token's bot. */
  async getMe(options?: CallOptions): Promise<UserFromGetMe> {
    return checkBot(await this.call('getMe', undefined, options), await this.#token());
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

  /**
   * Calls any method of the Bot API. A file is a `Blob` or a `Uint8Array` in the place of a `file_id`.
   *
   * @example
   * await botApi().call('sendPhoto', { chat_id: 1, photo: new File([png], 'chart.png') });
   */
  async call<M extends Method>(
    method: M,
    ...[parameters, options = {}]: undefined extends Input<M>
      ? [parameters?: Input<M>, options?: CallOptions]
      : [parameters: Input<M>, options?: CallOptions]
  ): Promise<Result<M>> {
    const { signal, rateLimitWaitMs = 0 } = options;
    let waitedMs = 0;
    for (;;) {
      try {
        return await this.#call(method, parameters ?? {}, signal);
      } catch (error) {
        const failure = classify(error);
        if (failure?.kind !== 'rate-limited') throw error;
        waitedMs += failure.retryAfterMs;
        if (waitedMs > rateLimitWaitMs || !(await sleep(failure.retryAfterMs, signal))) throw error;
      }
    }
  }

  async #call<M extends Method>(
    method: M,
    parameters: object,
    signal?: AbortSignal,
  ): Promise<Result<M>> {
    if (signal?.aborted) throw new TelegramUnreachableError(method, 'the call was cancelled');
    // A value that JSON cannot express is the caller's mistake, and no outage.
    const body = await requestBody(parameters);
    const token = await this.#token();
    // A server may quote the request's path. The bot id is no secret.
    const redact = (text: string) =>
      text.replaceAll(token.slice(token.indexOf(':') + 1), '<token>');
    const { status, text } = await this.#post(method, token, body, signal).catch(
      ({ message, code }: NodeJS.ErrnoException) => {
        // Node's own words, "socket hang up" and "aborted", say less.
        const cause =
          code === 'ECONNRESET'
            ? 'the connection was closed before the end of the answer'
            : message;
        throw new TelegramUnreachableError(method, redact(cause || code || 'no connection'));
      },
    );
    return resultOf<Result<M>>(method, status, redact(text));
  }

  async #post(
    method: string,
    token: string,
    { body, contentType }: RequestBody,
    cancel?: AbortSignal,
  ): Promise<HttpResponse> {
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    try {
      return await this.#server().send({
        method: 'POST',
        path: `${this.#root().pathname.replace(/\/+$/, '')}/bot${token}/${this.#infix}${method}`,
        headers: { 'content-type': contentType },
        body,
        signal: cancel ? AbortSignal.any([cancel, timeout]) : timeout,
        isIdempotent: method.startsWith('get'),
      });
    } catch (error) {
      if (cancel?.aborted) throw new Error('the call was cancelled');
      if (timeout.aborted) throw new Error(`no answer within ${this.#timeoutMs / 1000} s`);
      throw error;
    }
  }

  #server(): Connections {
    this.#connections ??= new Connections(this.#root(), this.#connectionsOptions);
    return this.#connections;
  }

  #root(): URL {
    // Not `URL.parse`, which Node has only since version 22.
    const url = URL.canParse(this.#apiRoot) ? new URL(this.#apiRoot) : undefined;
    if (url && /^https?:$/.test(url.protocol) && !url.username) return url;
    throw new Error('the root of the Bot API is not a URL like https://api.telegram.org');
  }
}

/** Waits, and returns whether the signal let it. */
function sleep(ms: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve(false);
    const abort = () => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve(true);
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
  });
}
