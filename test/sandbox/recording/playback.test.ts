import type { Update } from '@grammyjs/types';
import { beforeEach, expect, it } from 'vitest';
import { messageIn } from '../telegram/fixtures.ts';
import { Playback } from './playback.ts';
import type { RecordingCall } from './recording.ts';

const recorded = (text: string, result: unknown): RecordingCall => ({
  ...{ method: 'sendMessage', via: 'token', parameters: { chat_id: 1, text } },
  answer: { ok: true, result },
});
const refused: RecordingCall = {
  ...{ method: 'deleteMessage', via: 'token', parameters: { chat_id: 1, message_id: 5 } },
  answer: { ok: false, error_code: 400, description: 'Bad Request: message to delete not found' },
};
const record = {
  bot: 'Bot',
  update: { update_id: 7, ...messageIn(1, 'hello') } as Update,
  calls: [recorded('one', 'first'), recorded('two', 'second'), refused],
};

let playback: Playback;
beforeEach(() => {
  playback = new Playback();
  playback.begin(record);
});
const answer = (method: string, parameters: object = {}) =>
  playback.answer({ method, parameters: { ...parameters } });
const send = (text: string) => answer('sendMessage', { chat_id: 1, text });

it('answers a call as it was answered, refusals included', () => {
  expect(send('two')).toEqual({ ok: true, result: 'second' });
  expect(send('one')).toEqual({ ok: true, result: 'first' });
  expect(answer('deleteMessage', { chat_id: 1, message_id: 5 })).toEqual(refused.answer);
  expect(playback.notes).toEqual([]);
});

it('answers a changed call like the next one of its method', () => {
  expect(send('two')).toEqual({ ok: true, result: 'second' });
  expect(send('changed')).toEqual({ ok: true, result: 'first' });
});

it('has every answer again for the next attempt', () => {
  expect(send('one')).toEqual({ ok: true, result: 'first' });
  playback.begin(record);
  expect(send('one')).toEqual({ ok: true, result: 'first' });
});

it('makes up the messages that were not recorded, in the chat of the update', () => {
  playback.begin({ ...record, calls: [] });
  const message = { date: expect.any(Number), chat: record.update.message?.chat };
  expect(send('new')).toEqual({
    ok: true,
    result: { ...message, message_id: 2_000_000_001, text: 'new' },
  });
  expect(answer('sendPhoto', { chat_id: 2, caption: 'Cat' })).toMatchObject({
    result: { message_id: 2_000_000_002, chat: { id: 2 }, caption: 'Cat' },
  });
  expect(answer('editMessageText', { chat_id: 1, message_id: 9, text: 'x' })).toMatchObject({
    result: { message_id: 9, text: 'x' },
  });
  expect(answer('editMessageText', { inline_message_id: 'a', text: 'x' })).toEqual({
    ok: true,
    result: true,
  });
});

it.each([
  'sendChatAction',
  'setMyCommands',
  'deleteMessage',
  'answerCallbackQuery',
  'banChatMember',
  'sendGift',
  'sendMessageDraft',
])('makes up the success of %s', (method) => {
  playback.begin({ ...record, calls: [] });
  expect(answer(method)).toEqual({ ok: true, result: true });
});

it.each(['getChat', 'answerWebAppQuery', 'sendMediaGroup', 'createInvoiceLink', 'editForumTopic'])(
  'refuses %s, whose result cannot be made up, and says so once',
  (method) => {
    const refusal = {
      ...{ ok: false, error_code: 501 },
      description: `Not Implemented: ${method} is not in the recording`,
    };
    expect([answer(method), answer(method)]).toEqual([refusal, refusal]);
    expect(playback.notes).toEqual([
      `${method} is not in the recording, and was answered with 501`,
    ]);
  },
);

it('leaves getMe to the emulated Telegram, and everything before the first update', () => {
  expect(answer('getMe')).toBeUndefined();
  expect(new Playback().answer({ method: 'sendMessage', parameters: {} })).toBeUndefined();
});

it('has the content of a recorded file, and notes that another one is missing', () => {
  const files = { 'photos/file_0.jpg': Buffer.from('picture').toString('base64') };
  playback.begin({ ...record, files });
  expect(playback.file('photos/file_0.jpg')).toEqual(Buffer.from('picture'));
  expect(playback.file('photos/file_1.jpg')).toBeUndefined();
  expect(playback.notes).toEqual([
    'photos/file_1.jpg is not in the recording, and was answered with 404',
  ]);
});
