import { describe, expect, it } from 'vitest';
import { classify, isTokenLost } from '../../../functions/telegram/classify.ts';
import {
  TelegramRefusedError,
  TelegramUnreachableError,
} from '../../../functions/telegram/errors.ts';

const refused = (code: number, description: string, retryAfter?: number) =>
  new TelegramRefusedError('setWebhook', code, description, { retryAfter });
const unreachable = (status?: number) => new TelegramUnreachableError('getMe', 'no answer', status);

describe('classify', () => {
  it.each([
    [401, 'Unauthorized', 'unauthorized'],
    [404, 'Not Found', 'unauthorized'],
    [404, 'Not Found: method not found', 'rejected'],
    [400, 'Logged out', 'logged-out'],
    [400, 'Bad Request: chat not found', 'rejected'],
    [
      400,
      'Bad Request: bad webhook: Failed to resolve host: Name or service not known',
      'unresolved-host',
    ],
    [403, 'Forbidden: bot was blocked by the user', 'rejected'],
    [409, 'Conflict: terminated by other setWebhook', 'interrupted'],
    [409, "Conflict: can't use getUpdates method while webhook is active", 'rejected'],
    [500, 'Internal Server Error', 'unavailable'],
    [502, 'Bad Gateway', 'unavailable'],
  ])('reads %i %s as %s', (code, description, kind) => {
    expect(classify(refused(code, description))).toEqual({ kind });
  });

  it.each([
    [17, 17_000],
    [undefined, 1000],
  ])('reads 429 with retry_after %s as a wait of %i ms', (retryAfter, retryAfterMs) => {
    const failure = classify(refused(429, 'Too Many Requests', retryAfter));
    expect(failure).toEqual({ kind: 'rate-limited', retryAfterMs });
  });

  it.each([
    [undefined, 'unavailable'],
    [200, 'unavailable'],
    [408, 'unavailable'],
    [429, 'unavailable'],
    [502, 'unavailable'],
    [301, 'not-the-bot-api'],
    [404, 'not-the-bot-api'],
  ])("reads a response that is not the Bot API's, with status %s, as %s", (status, kind) => {
    expect(classify(unreachable(status))).toEqual({ kind });
  });

  it("returns undefined for an error that is not Telegram's", () => {
    expect(classify(new Error('401 Unauthorized'))).toBeUndefined();
    expect(classify('401')).toBeUndefined();
  });
});

describe('isTokenLost', () => {
  it('returns true for a token that is invalid, and for a bot that has moved', () => {
    expect(isTokenLost(refused(401, 'Unauthorized'))).toBe(true);
    expect(isTokenLost(refused(400, 'Logged out'))).toBe(true);
  });

  it('returns false for an outage, and for any other refusal', () => {
    expect(isTokenLost(unreachable())).toBe(false);
    expect(isTokenLost(refused(403, 'Forbidden'))).toBe(false);
  });
});
