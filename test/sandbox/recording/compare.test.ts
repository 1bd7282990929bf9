import { describe, expect, it } from 'vitest';
import { compareCalls, compareUpdates } from './compare.ts';
import { Ignored } from './ignored.ts';
import type { RecordingCall, RecordingUpdate } from './recording.ts';

const send = (text: string, other: object = {}): RecordingCall => ({
  method: 'sendMessage',
  via: 'token',
  parameters: { chat_id: 1, text, ...other },
});
const act: RecordingCall = {
  method: 'sendChatAction',
  via: 'token',
  parameters: { chat_id: 1, action: 'typing' },
};
const all = new Ignored();
const compare = (before: RecordingCall[], now: RecordingCall[], ignored = all) =>
  compareCalls(before, now, ignored);

describe('calls', () => {
  it('are the same, however they travel and in whatever order their parameters are', () => {
    const reply: RecordingCall = {
      method: 'sendMessage',
      via: 'webhook reply',
      parameters: { text: 'one', chat_id: 1 },
    };
    expect(compare([send('one'), act], [reply, act])).toEqual([]);
  });

  it('differ in the smallest fields that have changed', () => {
    const keyboard = (...texts: string[]) => ({
      reply_markup: { inline_keyboard: [texts.map((text) => ({ text, callback_data: 'x' }))] },
    });
    const before = send('one', { ...keyboard('Yes', 'No'), parse_mode: 'HTML' });
    const now = send('one', { ...keyboard('Yes', 'Never'), protect_content: true });
    expect(compare([before], [now])).toEqual([
      {
        ...{ kind: 'changed', method: 'sendMessage' },
        parameters: [
          { path: 'reply_markup.inline_keyboard.0.1.text', was: 'No', is: 'Never' },
          { path: 'parse_mode', was: 'HTML', is: undefined },
          { path: 'protect_content', was: undefined, is: true },
        ],
      },
    ]);
    expect(compare([send('one', keyboard('Yes'))], [send('one', keyboard('Yes', 'No'))])).toEqual([
      expect.objectContaining({
        parameters: [expect.objectContaining({ path: 'reply_markup.inline_keyboard.0' })],
      }),
    ]);
  });

  it('are added, and missing', () => {
    expect(compare([send('one')], [act, send('one'), send('two')])).toEqual([
      { kind: 'added', call: act },
      { kind: 'added', call: send('two') },
    ]);
    expect(compare([act, send('one')], [act])).toEqual([{ kind: 'missing', call: send('one') }]);
  });

  it('are in another order', () => {
    expect(compare([act, send('one'), send('two')], [send('one'), send('two'), act])).toEqual([
      { kind: 'moved', call: act, was: 1, is: 3 },
    ]);
  });

  it('are compared with the most similar one of the same method', () => {
    const differences = compare(
      [send('gone', { chat_id: 2 }), send('one', { parse_mode: 'HTML' })],
      [send('one', { parse_mode: 'Markdown' })],
    );
    expect(differences).toEqual([
      {
        ...{ kind: 'changed', method: 'sendMessage' },
        parameters: [{ path: 'parse_mode', was: 'HTML', is: 'Markdown' }],
      },
      { kind: 'missing', call: send('gone', { chat_id: 2 }) },
    ]);
  });

  it('have no order if they ran at the same time, then or now', () => {
    const parallel = (call: RecordingCall): RecordingCall => ({ ...call, isParallel: true });
    const before = [act, send('one'), parallel(send('two'))];
    expect(compare(before, [act, send('two'), parallel(send('one'))])).toEqual([]);
    expect(compare(before, [act, send('two'), send('one')])).toEqual([]);
    expect(compare([send('one'), send('two')], [send('two'), parallel(send('one'))])).toEqual([]);
    expect(compare([send('one'), send('two')], [send('two'), send('one')])).toHaveLength(1);
  });
});

describe('what is ignored', () => {
  it('is getMe, which every process of a bot calls once', () => {
    const getMe: RecordingCall = { method: 'getMe', via: 'token', parameters: {} };
    expect(compare([getMe, act], [act])).toEqual([]);
  });

  it('are methods, parameters and fields, in any spelling of the method', () => {
    expect(compare([], [act], new Ignored(['sendchataction']))).toEqual([]);
    const text = new Ignored(['sendMessage.text']);
    expect(compare([send('one')], [send('two')], text)).toEqual([]);
    expect(compare([send('one')], [send('two', { chat_id: 2 })], text)).toEqual([
      expect.objectContaining({ parameters: [{ path: 'chat_id', was: 1, is: 2 }] }),
    ]);
    const field = new Ignored(['sendMessage.reply_parameters.quote']);
    const quote = (quoted: string) => send('one', { reply_parameters: { quote: quoted } });
    expect(compare([quote('a')], [quote('b')], field)).toEqual([]);
  });

  it.each(['', 'text', 'sendMessage.', '.text', 'sendMessages.text', 'send Message'])(
    'is not %j',
    (argument) => {
      expect(() => new Ignored([argument])).toThrow(
        `--replay-ignore takes METHOD or METHOD.PARAMETER with a method of the Bot API, got ${argument}`,
      );
    },
  );
});

describe('updates', () => {
  const update = (over: Partial<RecordingUpdate> = {}) =>
    ({ bot: 'Bot', update: { update_id: 1 }, calls: [act], ...over }) as RecordingUpdate;

  it('are unchanged if they failed then and now, for whatever reason', () => {
    const differences = compareUpdates(
      update({ failed: 'Error: one', attempts: 3 }),
      update({ failed: 'Error: two' }),
      all,
    );
    expect(differences).toBeUndefined();
  });

  it('are changed if they fail only now, or only then', () => {
    const failed = update({ failed: 'Error: one' });
    expect(compareUpdates(update(), failed, all)).toEqual({ failsNow: 'Error: one', calls: [] });
    expect(compareUpdates(failed, update(), all)).toEqual({ failedThen: 'Error: one', calls: [] });
  });

  it('are changed if their calls are, whether they fail or not', () => {
    const failed = { failed: 'Error: one' };
    expect(compareUpdates(update(failed), update({ ...failed, calls: [] }), all)).toEqual({
      calls: [{ kind: 'missing', call: act }],
    });
  });
});
