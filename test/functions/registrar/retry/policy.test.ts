import { describe, expect, it } from 'vitest';
import {
  type TokenProblem,
  TokenUnavailableError,
} from '../../../../functions/bot-token/errors.ts';
import {
  telegramRetryPolicy,
  tokenRetryPolicy,
} from '../../../../functions/registrar/retry/policy.ts';
import { TelegramUnreachableError } from '../../../../functions/telegram/errors.ts';
import { refusedWith } from '../fakes.ts';

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
    expect(telegramRetryPolicy(refusedWith(code, description))).toBe('stop');
  });

  it.each([
    [400, 'Bad Request: bad webhook: Failed to resolve host: Name or service not known'],
    [409, 'Conflict: terminated by other setWebhook'],
    [500, 'Internal Server Error'],
    [502, 'Bad Gateway'],
    [504, 'Gateway Timeout'],
  ])('with %i %s passes', (code, description) => {
    expect(telegramRetryPolicy(refusedWith(code, description))).toEqual({});
  });

  it('with 429 passes after the time that it names', () => {
    expect(telegramRetryPolicy(refusedWith(429, 'Too Many Requests', 17))).toEqual({
      delayMs: 17_000,
    });
  });

  it('with 429 and no time passes after a second', () => {
    expect(telegramRetryPolicy(refusedWith(429, 'Too Many Requests'))).toEqual({ delayMs: 1000 });
  });
});

describe('Telegram out of reach', () => {
  it.each([undefined, 200, 408, 429, 500, 502, 504])('passes with HTTP status %s', (status) => {
    expect(telegramRetryPolicy(new TelegramUnreachableError('getMe', 'x', status))).toEqual({});
  });

  it.each([301, 307, 400, 403, 404, 405])(
    'is final with HTTP status %i: no Bot API is there',
    (status) => {
      expect(telegramRetryPolicy(new TelegramUnreachableError('getMe', 'x', status))).toBe('stop');
    },
  );
});

describe('a token out of reach', () => {
  it.each<[TokenProblem, unknown]>([
    ['unreachable', {}],
    ['missing', 'stop'],
    ['unusable', 'stop'],
    ['denied', { limitMs: 30_000 }],
  ])('because %s is judged', (reason, policy) => {
    expect(tokenRetryPolicy(new TokenUnavailableError(reason, 'x'))).toEqual(policy);
  });
});

it('gives up on errors that nobody foresaw', () => {
  expect(telegramRetryPolicy(new TypeError('x'))).toBe('stop');
  expect(tokenRetryPolicy(new TypeError('x'))).toBe('stop');
});
