import { TelegramRefusedError, TelegramUnreachableError } from './errors.ts';

/**
 * The meaning of a failed Bot API call:
 *
 * - `rate-limited`: too many requests; wait `retryAfterMs`, then try again
 * - `unavailable`: Telegram failed or was not reached, which can pass by itself
 * - `interrupted`: another setWebhook call for the same bot replaced this one
 * - `unresolved-host`: Telegram could not look up the webhook's host, and keeps that result for 5 minutes
 * - `unauthorized`: the token is malformed, unknown or revoked
 * - `logged-out`: the bot was moved to another Bot API server
 * - `not-the-bot-api`: another server answered, so the configured root of the Bot API is wrong
 * - `rejected`: Telegram understood the call and refused it
 */
export type TelegramFailure =
  | { readonly kind: 'rate-limited'; readonly retryAfterMs: number }
  | {
      readonly kind:
        | 'unavailable'
        | 'interrupted'
        | 'unresolved-host'
        | 'unauthorized'
        | 'logged-out'
        | 'not-the-bot-api'
        | 'rejected';
    };

/**
 * Classifies the error of a Bot API call. This is the only place that interprets Telegram's codes and
 * descriptions.
 *
 * @returns undefined for an error that is not Telegram's
 * @see https://github.com/tdlib/telegram-bot-api `Client::fail_query_with_error`, `WebhookActor.cpp`
 */
export function classify(error: unknown): TelegramFailure | undefined {
  if (error instanceof TelegramUnreachableError) {
    return { kind: isElsewhere(error.status) ? 'not-the-bot-api' : 'unavailable' };
  }
  if (!(error instanceof TelegramRefusedError)) return undefined;
  const { code, description, retryAfter } = error;
  if (code === 429) return { kind: 'rate-limited', retryAfterMs: (retryAfter ?? 1) * 1000 };
  if (code >= 500) return { kind: 'unavailable' };
  if (code === 401) return { kind: 'unauthorized' };
  // The token is malformed. An unknown method is described as `Not Found: method not found`.
  if (code === 404 && description === 'Not Found') return { kind: 'unauthorized' };
  if (code === 409 && description.includes('terminated by other setWebhook')) {
    return { kind: 'interrupted' };
  }
  if (code === 400 && /logged out/i.test(description)) return { kind: 'logged-out' };
  if (code === 400 && description.includes('Failed to resolve host')) {
    return { kind: 'unresolved-host' };
  }
  return { kind: 'rejected' };
}

/** Whether a redirect or client error came without the Bot API's JSON: there is no Bot API at that address. */
export function isElsewhere(status = 0): boolean {
  return status >= 300 && status < 500 && status !== 408 && status !== 429;
}

/** Whether the token cannot act for the bot at this server: it is invalid, or the bot has moved to another. */
export function isTokenLost(error: unknown): error is TelegramRefusedError {
  const kind = classify(error)?.kind;
  return kind === 'unauthorized' || kind === 'logged-out';
}
