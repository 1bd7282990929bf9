import { describe, expect, it } from 'vitest';
import { RetryDelays } from '../../../functions/contract.ts';
import { RetryLaterError } from '../../../functions/receiver/index.ts';
import { retryDelay } from '../../../functions/receiver/retry-schedule.ts';
import {
  TelegramRefusedError,
  TelegramUnreachableError,
} from '../../../functions/telegram/errors.ts';

const withCode = (code: string) => Object.assign(new Error(code), { code });
const [firstException] = RetryDelays.exception;
const [firstOutage] = RetryDelays.outage;

describe('RetryDelays', () => {
  const sum = (delays: readonly number[]) => delays.reduce((total, delay) => total + delay, 0);

  it('let a poison update leave its chat within two minutes', () => {
    expect(sum(RetryDelays.exception)).toBe(98);
  });

  it('survive an outage of half an hour', () => {
    expect(sum(RetryDelays.outage)).toBeGreaterThan(30 * 60);
  });
});

describe('retryDelay', () => {
  it.each(['cause', 'error'])(
    'follows the schedule of exceptions when `%s` cannot be inspected',
    (key) => {
      const fail = () => {
        throw new Error('no');
      };
      const hostile = new Proxy({}, { get: fail, getPrototypeOf: fail });
      const error = Object.assign(new Error('no'), { [key]: hostile });
      expect(retryDelay(error, 1)).toBe(firstException);
    },
  );

  it('follows the schedule of exceptions, and then keeps its last delay', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 8, 20].map((attempt) =>
      retryDelay(new Error('no'), attempt),
    );
    expect(delays).toEqual([1, 2, 5, 10, 20, 30, 30, 30, 30]);
  });

  it('follows the schedule of outages', () => {
    const error = withCode('ECONNREFUSED');
    const delays = [1, 2, 3, 4, 5, 6, 7, 8].map((attempt) => retryDelay(error, attempt));
    expect(delays).toEqual([10, 30, 60, 120, 300, 600, 900, 900]);
  });

  it.each<[string, unknown]>([
    ['Telegram unreachable', new TelegramUnreachableError('sendMessage', 'no answer')],
    ['a 502 of Telegram', new TelegramRefusedError('sendMessage', 502, 'Bad Gateway')],
    ['a 429 of Telegram', new TelegramRefusedError('sendMessage', 429, 'Too Many Requests')],
    ['a revoked token', new TelegramRefusedError('sendMessage', 401, 'Unauthorized')],
    ['a DNS failure', withCode('ENOTFOUND')],
    ['a reset', withCode('ECONNRESET')],
    ['a timeout of undici', withCode('UND_ERR_HEADERS_TIMEOUT')],
    ['a timeout of a signal', new DOMException('late', 'TimeoutError')],
    [
      'fetch failed, with the code in its cause',
      new TypeError('fetch failed', { cause: withCode('EAI_AGAIN') }),
    ],
    ['a 503 of ofetch or ky', Object.assign(new Error('503'), { status: 503 })],
    ['a 500 of axios', Object.assign(new Error('500'), { response: { status: 500 } })],
    ['a 429 of grammY', Object.assign(new Error('429'), { error_code: 429 })],
    ['an HttpError of grammY', Object.assign(new Error('x'), { error: withCode('ETIMEDOUT') })],
    ['a 500 of the AWS SDK', Object.assign(new Error('x'), { $metadata: { httpStatusCode: 500 } })],
    ['throttling by AWS', Object.assign(new Error('x'), { name: 'ThrottlingException' })],
  ])('treats %s as an outage', (_, error) => {
    expect(retryDelay(error, 1)).toBe(firstOutage);
  });

  it.each<[string, unknown]>([
    ['a bug', new TypeError('x is not a function')],
    ['a refusal by Telegram', new TelegramRefusedError('sendMessage', 400, 'Bad Request')],
    ['a 404 of a service', Object.assign(new Error('404'), { status: 404 })],
    ['a missing file', withCode('ENOENT')],
    ['a string', 'ECONNREFUSED'],
    ['null', null],
    ['an error that is its own cause', cyclic()],
    ['an error whose getters throw', Object.defineProperty(new Error('x'), 'code', { get: fail })],
  ])('treats %s as an exception', (_, error) => {
    expect(retryDelay(error, 1)).toBe(firstException);
  });

  it('waits at least as long as Telegram asks', () => {
    const error = new TelegramRefusedError('sendMessage', 429, 'Too Many', { retryAfter: 45 });
    expect(retryDelay(error, 1)).toBe(45);
  });

  it.each([
    [5, firstOutage],
    [600, 600],
    [0.5, firstOutage],
    [Number.NaN, firstOutage],
    [1e9, 43_200],
  ])('waits at least the %d s of a RetryLaterError, within what SQS allows', (seconds, delay) => {
    expect(retryDelay(new RetryLaterError('later', { seconds }), 1)).toBe(delay);
  });
});

function cyclic(): Error {
  const error: Error & { cause?: unknown } = new Error('x');
  error.cause = error;
  return error;
}

function fail(): never {
  throw new Error('hostile');
}
