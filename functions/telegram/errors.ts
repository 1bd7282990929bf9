/** Telegram answered a call and refused it. */
export class TelegramRefusedError extends Error {
  /** The Bot API method that was called. */
  readonly method: string;
  /** Telegram's `error_code`, which is also the HTTP status. */
  readonly code: number;
  /** Telegram's own words: `Unauthorized`, `Bad Request: chat not found`. */
  readonly description: string;
  /** Seconds to wait before the next call, 1 to 3600. Telegram sends it with code 429. */
  readonly retryAfter?: number;
  /** Id of the supergroup that the group was upgraded to. It can exceed 32 bits, but not 52. */
  readonly migrateToChatId?: number;

  constructor(
    method: string,
    code: number,
    description: string,
    { retryAfter, migrateToChatId }: { retryAfter?: number; migrateToChatId?: number } = {},
  ) {
    super(`${method}: Telegram refused with ${code} ${description}`);
    this.name = 'TelegramRefusedError';
    this.method = method;
    this.code = code;
    this.description = description;
    this.retryAfter = retryAfter;
    this.migrateToChatId = migrateToChatId;
  }
}

/**
 * Telegram did not answer a call, or a proxy answered in its place. Whether the call took effect is unknown.
 */
export class TelegramUnreachableError extends Error {
  /** The Bot API method that was called. */
  readonly method: string;
  /**
   * What happened, in plain words. It is not the error of the request, because some of those hold the
   * URL, and with it the token.
   */
  override readonly cause: string;
  /** HTTP status of the answer that was not the Bot API's, when there was one. */
  readonly status?: number;

  constructor(method: string, cause: string, status?: number) {
    super(`${method}: Telegram was not reached: ${cause}`);
    this.name = 'TelegramUnreachableError';
    this.method = method;
    this.cause = cause;
    this.status = status;
  }
}
