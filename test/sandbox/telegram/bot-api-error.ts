import type { ApiError, ApiSuccess, ResponseParameters } from '@grammyjs/types';

/** Telegram's answer to a method call, in the form that is sent over the wire. */
export type BotApiAnswer = (ApiSuccess<unknown> & { description?: string }) | ApiError;

export function succeed(result: unknown, description?: string): BotApiAnswer {
  return description === undefined ? { ok: true, result } : { ok: true, result, description };
}

/** Thrown when Telegram refuses a call. The message is Telegram's own, including its prefix. */
export class BotApiError extends Error {
  readonly code: number;
  readonly parameters: ResponseParameters | undefined;

  /** The refusal in the words of Telegram's source, for refusals that quote it. */
  readonly original: string;

  constructor(
    code: number,
    description: string,
    parameters?: ResponseParameters,
    original = description,
  ) {
    super(description);
    this.original = original;
    this.code = code;
    this.parameters = parameters;
  }

  get answer(): ApiError {
    const { code, message, parameters } = this;
    return { ok: false, error_code: code, description: message, ...(parameters && { parameters }) };
  }
}

/**
 * Thrown for what Telegram has and the sandbox does not emulate. Telegram never sends a 501 in this form: a bot
 * that needs it fails immediately, instead of getting a made-up success.
 */
export class SandboxLimit extends BotApiError {
  readonly what: string;

  constructor(what: string) {
    super(501, `Not Implemented: the sandbox does not emulate ${what}`);
    this.what = what;
  }
}

export function forbidden(description: string): BotApiError {
  return new BotApiError(403, `Forbidden: ${description}`);
}

/**
 * Refuses with 400. Telegram begins its descriptions with a small letter, except for constants and
 * abbreviations such as `BUTTON_DATA_INVALID` and `URL` (telegram-bot-api, Client.cpp).
 */
export function badRequest(description: string): BotApiError {
  const keepsCase = /^.[A-Z_]/s.test(description);
  const text = keepsCase ? description : description.charAt(0).toLowerCase() + description.slice(1);
  return new BotApiError(400, `Bad Request: ${text}`, undefined, description);
}

export function tooManyRequests(seconds: number): BotApiError {
  return new BotApiError(429, `Too Many Requests: retry after ${seconds}`, {
    retry_after: seconds,
  });
}
