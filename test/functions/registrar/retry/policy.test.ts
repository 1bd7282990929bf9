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

describe('telegramRetryPolicy when Telegram refuses', () => {
  it.each([
    [401, 'Unauthorized'],
    [404, 'Not Found'],
    [400, 'Logged out'],
    [400, 'Bad Request: invalid webhook URL specified'],
    [400, 'Bad Request: secret token contains unallowed characters'],
    [400, 'Bad Request: bad webhook: IP address 127.0.0.1 is reserved'],
    [400, 'Bad Request: bad webhook: Failed to connect to somewhere'],
    [409, "Conflict: can't use getUpdates method while webhook is active"],
  ])('stops after %i %s', (code, description) => {
    expect(telegramRetryPolicy(refusedWith(code, description))).toBe('stop');
  });

  it.each([
    [400, 'Bad Request: bad webhook: Failed to resolve host: Name or service not known'],
    [409, 'Conflict: terminated by other setWebhook'],
    [500, 'Internal Server Error'],
    [502, 'Bad Gateway'],
    [504, 'Gateway Timeout'],
  ])('retries after %i %s', (code, description) => {
    expect(telegramRetryPolicy(refusedWith(code, description))).toEqual({});
  });

  it('waits as long as a 429 asks', () => {
    expect(telegramRetryPolicy(refusedWith(429, 'Too Many Requests', 17))).toEqual({
      delayMs: 17_000,
    });
  });

  it('waits for a second after a 429 without retry_after', () => {
    expect(telegramRetryPolicy(refusedWith(429, 'Too Many Requests'))).toEqual({ delayMs: 1000 });
  });
});

describe('telegramRetryPolicy when Telegram is not reached', () => {
  it.each([undefined, 200, 408, 429, 500, 502, 504])(
    'retries when the HTTP status is %s',
    (status) => {
      expect(telegramRetryPolicy(new TelegramUnreachableError('getMe', 'x', status))).toEqual({});
    },
  );

  it.each([301, 307, 400, 403, 404, 405])(
    'stops when the HTTP status is %i, because there is no Bot API',
    (status) => {
      expect(telegramRetryPolicy(new TelegramUnreachableError('getMe', 'x', status))).toBe('stop');
    },
  );
});

describe('tokenRetryPolicy', () => {
  it.each<[TokenProblem, unknown]>([
    ['unreachable', {}],
    ['missing', 'stop'],
    ['unusable', 'stop'],
    ['denied', { limitMs: 30_000 }],
  ])('decides on a token that is %s: %j', (reason, decision) => {
    expect(tokenRetryPolicy(new TokenUnavailableError(reason, 'x'))).toEqual(decision);
  });
});

it('stops on errors of any other kind', () => {
  expect(telegramRetryPolicy(new TypeError('x'))).toBe('stop');
  expect(tokenRetryPolicy(new TypeError('x'))).toBe('stop');
});
