import { describe, expect, it } from 'vitest';
import { type CallRefused, executeCall } from '../../../functions/receiver/execute-call.ts';
import {
  TelegramRefusedError,
  TelegramUnreachableError,
} from '../../../functions/telegram/errors.ts';

const json = JSON.stringify({ method: 'sendMessage', chat_id: 42, text: 'private' });

/** A Bot API that fails in these ways, one after the other, and then succeeds. */
async function call(failures: Error[], remainingMs = 20_000) {
  const made: unknown[] = [];
  const logged: CallRefused[] = [];
  let now = 0;
  const waits: number[] = [];
  const api = {
    async call(...given: unknown[]) {
      made.push(given);
      const failure = failures.shift();
      if (failure) throw failure;
    },
  };
  const error = await executeCall(api as never, json, {
    updateId: 9,
    remainingMs: () => remainingMs - now,
    async sleep(ms) {
      waits.push(ms);
      now += ms;
    },
    log: (line) => logged.push(line),
  }).then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  return { made, logged, waits, error };
}

const refused = (code: number, description: string, retryAfter?: number) =>
  new TelegramRefusedError('sendMessage', code, description, { retryAfter });
const unreachable = () => new TelegramUnreachableError('sendMessage', 'other side closed');

describe('the call that a bot has returned', () => {
  it('is made by its method, with its parameters', async () => {
    const { made, error } = await call([]);
    expect(made).toEqual([['sendMessage', { chat_id: 42, text: 'private' }]]);
    expect(error).toBeUndefined();
  });

  it.each([
    [403, 'Forbidden: bot was blocked by the user'],
    [400, 'Bad Request: chat not found'],
    [404, 'Not Found: method not found'],
    [413, 'Request Entity Too Large'],
  ])('is logged and done with when Telegram refuses it with %i %s', async (code, description) => {
    const { made, logged, error } = await call([refused(code, description)]);
    expect(error).toBeUndefined();
    expect(made).toHaveLength(1);
    expect(logged).toEqual([
      { event: 'call.refused', updateId: 9, method: 'sendMessage', code, description },
    ]);
  });

  it.each([
    [401, 'Unauthorized'],
    [404, 'Not Found'],
  ])('fails the update when the token is refused with %i %s', async (code, description) => {
    const { made, logged, error } = await call([refused(code, description)]);
    expect(error).toMatchObject({ code });
    expect(made).toHaveLength(1);
    expect(logged).toEqual([]);
  });

  it('waits as long as Telegram asks, as often as there is time', async () => {
    const { waits, error } = await call([refused(429, 'Too', 3), refused(429, 'Too', 7)]);
    expect(waits).toEqual([3000, 7000]);
    expect(error).toBeUndefined();
  });

  it('fails the update when Telegram asks for more time than there is', async () => {
    const { waits, error } = await call([refused(429, 'Too Many Requests', 60)]);
    expect(waits).toEqual([]);
    expect(error).toMatchObject({ code: 429 });
  });

  it.each([
    ['500', () => refused(500, 'Internal Server Error')],
    ['a broken connection', unreachable],
  ])('is tried twice more after %s, and then fails the update', async (_, failure) => {
    const healed = await call([failure(), failure()]);
    expect(healed).toMatchObject({ error: undefined, waits: [500, 2000] });
    const lasting = await call([failure(), failure(), failure()]);
    expect(lasting.made).toHaveLength(3);
    expect(lasting.error).toBeDefined();
  });

  it('is not tried again without the time for it', async () => {
    const { made, error } = await call([unreachable()], 400);
    expect(made).toHaveLength(1);
    expect(error).toBeInstanceOf(TelegramUnreachableError);
  });
});
