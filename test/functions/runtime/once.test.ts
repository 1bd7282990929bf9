import { describe, expect, it, vi } from 'vitest';
import { once } from '../../../functions/runtime/once.ts';
import { delivery, message, sendUpdate } from '../../harness.ts';
import { fakeToken } from '../../sandbox/index.ts';

describe('once', () => {
  it('runs once, however many callers ask at the same time or later', async () => {
    const readToken = vi.fn(async () => fakeToken());
    const token = once(readToken);
    expect(await Promise.all([token(), token(), token()])).toEqual(Array(3).fill(fakeToken()));
    expect(await token()).toBe(fakeToken());
    expect(readToken).toHaveBeenCalledTimes(1);
  });

  it('runs nothing until it is called', () => {
    const readToken = vi.fn(async () => fakeToken());
    once(readToken);
    expect(readToken).not.toHaveBeenCalled();
  });

  it('fails for every waiting caller, and tries again for the next', async () => {
    const readToken = vi.fn(async () => fakeToken());
    readToken.mockRejectedValueOnce(new Error('throttled'));
    const token = once(readToken);
    const waiting = await Promise.allSettled([token(), token()]);
    expect(waiting.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(readToken).toHaveBeenCalledTimes(1);
    expect(await token()).toBe(fakeToken());
    expect(await token()).toBe(fakeToken());
    expect(readToken).toHaveBeenCalledTimes(2);
  });
});

describe('a bot that asks for the token', () => {
  it.each([
    ['a wrong secret', delivery(message('hi'), { headers: {} }), 401],
    ['a body that is not an update', delivery('{}'), 400],
    ['a probe', delivery({ update_id: 1 }), 200],
  ])('makes no request to AWS for %s', async (_, request, statusCode) => {
    const readToken = vi.fn(async () => fakeToken());
    const { response } = await sendUpdate(request, once(readToken));
    expect(response).toEqual({ statusCode });
    expect(readToken).not.toHaveBeenCalled();
  });

  it('makes one request to AWS for all its updates', async () => {
    const readToken = vi.fn(async () => fakeToken());
    const token = once(readToken);
    const bot = async () => void (await token());
    await Promise.all([
      sendUpdate(delivery(message('a')), bot),
      sendUpdate(delivery(message('b')), bot),
    ]);
    expect(readToken).toHaveBeenCalledTimes(1);
  });
});
