import { describe, expect, it } from 'vitest';
import {
  type TokenProblem,
  TokenUnavailable,
} from '../../../../functions/bot-token/token-unavailable.ts';
import { telegramVerdict, tokenVerdict } from '../../../../functions/registrar/retry/policy.ts';
import { TelegramUnreachable } from '../../../../functions/telegram/errors.ts';
import { refused } from '../fakes.ts';

describe("Telegram's refusal", () => {
  it.each([
    [401, 'Unauthorized'],
    [404, 'Not Found'],
    [400, 'Logged out'],
    [400, 'Bad Request: invalid webhook URL specified'],
    [400, 'Bad Request: secret token contains unallowed characters'],
    [400, 'Bad Request: bad webhook: IP address 127.0.0.1 is reserved'],
    [400, 'Bad Request: bad webhook: Failed to connect to somewhere'],
    [409, "Conflict: can't use getUpdates method while webhook is active"],
  ])('with %i %s is final', (code, description) => {
    expect(telegramVerdict(refused(code, description))).toBe('give up');
  });

  it.each([
    [400, 'Bad Request: bad webhook: Failed to resolve host: Name or service not known'],
    [409, 'Conflict: terminated by other setWebhook'],
    [500, 'Internal Server Error'],
    [502, 'Bad Gateway'],
    [504, 'Gateway Timeout'],
  ])('with %i %s passes', (code, description) => {
    expect(telegramVerdict(refused(code, description))).toEqual({});
  });

  it('with 429 passes after the time that it names', () => {
    expect(telegramVerdict(refused(429, 'Too Many Requests', 17))).toEqual({ afterMs: 17_000 });
  });

  it('with 429 and no time passes after a second', () => {
    expect(telegramVerdict(refused(429, 'Too Many Requests'))).toEqual({ afterMs: 1000 });
  });
});

describe('Telegram out of reach', () => {
  it.each([undefined, 200, 408, 429, 500, 502, 504])('passes with HTTP status %s', (status) => {
    expect(telegramVerdict(new TelegramUnreachable('getMe', 'x', status))).toEqual({});
  });

  it.each([301, 307, 400, 403, 404, 405])(
    'is final with HTTP status %i: no Bot API is there',
    (status) => {
      expect(telegramVerdict(new TelegramUnreachable('getMe', 'x', status))).toBe('give up');
    },
  );
});

describe('a token out of reach', () => {
  it.each<[TokenProblem, unknown]>([
    ['unreachable', {}],
    ['missing', 'give up'],
    ['unusable', 'give up'],
    ['denied', { withinMs: 30_000 }],
  ])('because %s is judged', (reason, verdict) => {
    expect(tokenVerdict(new TokenUnavailable(reason, 'x'))).toEqual(verdict);
  });
});

it('gives up on errors that nobody foresaw', () => {
  expect(telegramVerdict(new TypeError('x'))).toBe('give up');
  expect(tokenVerdict(new TypeError('x'))).toBe('give up');
});
