import { describe, expect, it } from 'vitest';
import { executeCall } from '../../../functions/receiver/execute-call.ts';
import type { CallRefused } from '../../../functions/receiver/webhook-reply.ts';
import {
  TelegramRefusedError,
  TelegramUnreachableError,
} from '../../../functions/telegram/errors.ts';

const json = JSON.stringify({ method: 'sendMessage', chat_id: 42, text: 'private' });

/** Executes a call of a Bot API that fails in these ways, one after the other, and then succeeds. */
async function execute(failures: Error[], remainingMs = 20_000) {
  const calls: unknown[] = [];
  const logged: CallRefused[] = [];
  let now = 0;
  const waits: number[] = [];
  const api = {
    async call(...given: unknown[]) {
      calls.push(given);
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
  return { calls, logged, waits, error };
}

const refused = (code: number, description: string, retryAfter?: number) =>
  new TelegramRefusedError('sendMessage', code, description, { retryAfter });
const unreachable = () => new TelegramUnreachableError('sendMessage', 'other side closed');

describe('executeCall', () => {
  it('calls the method with its parameters', async () => {
    const { calls, error } = await execute([]);
    expect(calls).toEqual([['sendMessage', { chat_id: 42, text: 'private' }]]);
    expect(error).toBeUndefined();
  });

  it.each([
    [403, 'Forbidden: bot was blocked by the user'],
    [400, 'Bad Request: chat not found'],
    [404, 'Not Found: method not found'],
    [413, 'Request Entity Too Large'],
  ])('logs a refusal with %i %s, and succeeds', async (code, description) => {
    const { calls, logged, error } = await execute([refused(code, description)]);
    expect(error).toBeUndefined();
    expect(calls).toHaveLength(1);
    expect(logged).toEqual([
      { event: 'call.refused', updateId: 9, method: 'sendMessage', code, description },
    ]);
  });

  it.each([
    [401, 'Unauthorized'],
    [404, 'Not Found'],
  ])('throws when the token is refused with %i %s', async (code, description) => {
    const { calls, logged, error } = await execute([refused(code, description)]);
    expect(error).toMatchObject({ code });
    expect(calls).toHaveLength(1);
    expect(logged).toEqual([]);
  });

  it('waits as long as Telegram asks, as often as there is time', async () => {
    const { waits, error } = await execute([refused(429, 'Too', 3), refused(429, 'Too', 7)]);
    expect(waits).toEqual([3000, 7000]);
    expect(error).toBeUndefined();
  });

  it('throws when Telegram asks for more time than there is', async () => {
    const { waits, error } = await execute([refused(429, 'Too Many Requests', 60)]);
    expect(waits).toEqual([]);
    expect(error).toMatchObject({ code: 429 });
  });

  it.each([
    ['500', () => refused(500, 'Internal Server Error')],
    ['a broken connection', unreachable],
  ])('tries twice more after %s, and then throws', async (_, failure) => {
    const recovered = await execute([failure(), failure()]);
    expect(recovered).toMatchObject({ error: undefined, waits: [500, 2000] });
    const persistent = await execute([failure(), failure(), failure()]);
    expect(persistent.calls).toHaveLength(3);
    expect(persistent.error).toBeDefined();
  });

  it('does not try again when there is no time for it', async () => {
    const { calls, error } = await execute([unreachable()], 400);
    expect(calls).toHaveLength(1);
    expect(error).toBeInstanceOf(TelegramUnreachableError);
  });
});
