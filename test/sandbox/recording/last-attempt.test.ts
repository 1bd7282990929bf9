import type { Update } from '@grammyjs/types';
import { describe, expect, it } from 'vitest';
import { messageIn } from '../telegram/fixtures.ts';
import type { Call, Invocation, UpdateEntry } from '../timeline/entries.ts';
import { comparable, lastAttempt } from './last-attempt.ts';

const update = { update_id: 7, ...messageIn(1, 'hello') } as Update;

const call = (method: string, at: number, over: Partial<Call> = {}): Call => ({
  ...{ key: `${method} ${at}`, at, method, via: 'token', parameters: { chat_id: 1 } },
  ...{ durationMs: 1, answer: { ok: true, result: true } },
  ...over,
});

const invocation = (over: Partial<Invocation> = {}): Invocation => ({
  ...{ requestId: 'r', function: 'Bot/Endpoint/Receiver', at: 0, memoryMb: 256 },
  ...{ durationMs: 1, log: [], calls: [] },
  ...over,
});

const entry = (over: Partial<UpdateEntry> = {}): UpdateEntry => ({
  ...{ kind: 'update', key: 'u', botId: 42, at: 0, update, origin: 'person', status: 'handled' },
  ...{ deliveries: [{ at: 0, status: 200 }], invocations: [invocation()], calls: [] },
  ...over,
});

describe('the record of an update', () => {
  it('has its calls with the token, then the one in the webhook reply', () => {
    const record = lastAttempt(
      entry({
        invocations: [invocation({ calls: [call('sendChatAction', 1)] })],
        calls: [
          call('sendMessage', 3, {
            via: 'webhook reply',
            parameters: { method: 'sendMessage', chat_id: 1 },
          }),
        ],
      }),
      'App/Bot',
    );
    const answer = { ok: true, result: true };
    expect(record).toEqual({
      ...{ bot: 'App/Bot', update },
      calls: [
        { method: 'sendChatAction', via: 'token', parameters: { chat_id: 1 }, answer },
        { method: 'sendMessage', via: 'webhook reply', parameters: { chat_id: 1 }, answer },
      ],
    });
  });

  it('has the last attempt that has ended only, and how many it took to be handled', () => {
    const invocations = ['one', 'two'].map((method) => invocation({ calls: [call(method, 1)] }));
    const queue = { enqueuedAt: 0, attempts: 3 };
    const deliveries = [{ at: 0 }, { at: 1 }];
    expect(lastAttempt(entry({ invocations, deliveries }), 'App/Bot')).toMatchObject({
      attempts: 2,
      calls: [{ method: 'two' }],
    });
    expect(lastAttempt(entry({ invocations, queue }), 'App/Bot').attempts).toBe(3);
    const going = [
      ...invocations,
      invocation({ calls: [call('three', 1)], durationMs: undefined }),
    ];
    const failed = lastAttempt(entry({ status: 'running', invocations: going, queue }), 'App/Bot');
    expect(failed).toMatchObject({
      failed: 'the bot did not finish it',
      calls: [{ method: 'two' }],
    });
    expect(failed.attempts).toBeUndefined();
  });

  it('says why it failed: the error with its place, the answer to Telegram, or neither', () => {
    const failed = (over: Partial<UpdateEntry>) =>
      lastAttempt(entry({ status: 'dropped', ...over }), 'App/Bot').failed;
    const error = { type: 'TypeError', message: 'no' };
    const source = { file: 'functions/bot.ts', line: 4, lines: [] };
    expect(failed({ invocations: [invocation({ error: { ...error, source } })] })).toBe(
      'TypeError: no at functions/bot.ts:4',
    );
    expect(failed({ invocations: [invocation({ error })] })).toBe('TypeError: no');
    expect(failed({ deliveries: [{ at: 0, problem: 'Read timeout expired' }, { at: 1 }] })).toBe(
      'Read timeout expired',
    );
    expect(failed({})).toBe('the bot did not finish it');
  });

  it('marks the calls that began before one above was answered', () => {
    const calls = [
      call('a', 1, { durationMs: 5 }),
      call('b', 2),
      call('c', 3),
      call('d', 6, { durationMs: undefined }),
      call('e', 99),
    ];
    const record = lastAttempt(entry({ invocations: [invocation({ calls })] }), 'App/Bot');
    expect(record.calls.map(({ isParallel = false }) => isParallel)).toEqual([
      ...[false, true, true, false, true],
    ]);
  });
});

describe('parameters', () => {
  const file = { file: { name: 'cat.jpg', bytes: 3, sha256: 'abc' } };

  it('are the same whatever a library calls its attachments', () => {
    const album = (name: string) => ({
      ...{ chat_id: 1, [name]: file },
      media: [
        { type: 'photo', media: `attach://${name}` },
        { type: 'photo', media: 'AgACAgI' },
      ],
    });
    expect(comparable(album('x81Hs'))).toEqual({
      chat_id: 1,
      media: [
        { type: 'photo', media: file },
        { type: 'photo', media: 'AgACAgI' },
      ],
    });
    expect(comparable(album('x81Hs'))).toEqual(comparable(album('other')));
    expect(comparable({ photo: 'attach://p', p: file })).toEqual({ photo: file });
  });

  it('stay as they are without attachments', () => {
    const parameters = { photo: file, caption: 'attach://nothing', chat_id: 1 };
    expect(comparable(parameters)).toEqual(parameters);
  });
});
