import { afterEach, describe, expect, it, vi } from 'vitest';
import { botToken } from '../../../functions/receiver/index.ts';
import { once } from '../../../functions/runtime/once.ts';
import { fakeToken } from '../../sandbox/index.ts';
import { delivery, message, sendUpdate } from './harness.ts';

afterEach(() => vi.unstubAllEnvs());

describe('botToken', () => {
  it('says what is missing when the stack has not told where the token is', async () => {
    vi.stubEnv('BOT_TOKEN_SECRET', undefined);
    await expect(botToken()).rejects.toThrow(/^BOT_TOKEN_SECRET is not set\. The stack sets it/);
  });
});

describe('once', () => {
  it('fetches once, however many ask at the same time or later', async () => {
    const fetch = vi.fn(async () => fakeToken());
    const token = once(fetch);
    expect(await Promise.all([token(), token(), token()])).toEqual(Array(3).fill(fakeToken()));
    expect(await token()).toBe(fakeToken());
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it('fetches nothing until it is asked', () => {
    const fetch = vi.fn(async () => fakeToken());
    once(fetch);
    expect(fetch).not.toHaveBeenCalled();
  });

  it('lets all who wait know of a failure, and tries again for the next', async () => {
    const fetch = vi.fn(async () => fakeToken());
    fetch.mockRejectedValueOnce(new Error('throttled'));
    const token = once(fetch);
    const waiting = await Promise.allSettled([token(), token()]);
    expect(waiting.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(fetch).toHaveBeenCalledTimes(1);
    expect(await token()).toBe(fakeToken());
    expect(await token()).toBe(fakeToken());
    expect(fetch).toHaveBeenCalledTimes(2);
  });
});

describe('a bot that asks for the token', () => {
  it.each([
    ['a wrong secret', delivery(message('hi'), { headers: {} }), 401],
    ['a body that is no Update', delivery('{}'), 400],
    ['a probe', delivery({ update_id: 1 }), 200],
  ])('makes no request to AWS for %s', async (_, request, statusCode) => {
    const fetch = vi.fn(async () => fakeToken());
    const { response } = await sendUpdate(request, once(fetch));
    expect(response).toEqual({ statusCode });
    expect(fetch).not.toHaveBeenCalled();
  });

  it('makes one for all its updates', async () => {
    const fetch = vi.fn(async () => fakeToken());
    const token = once(fetch);
    const bot = async () => void (await token());
    await Promise.all([
      sendUpdate(delivery(message('a')), bot),
      sendUpdate(delivery(message('b')), bot),
    ]);
    expect(fetch).toHaveBeenCalledTimes(1);
  });
});
