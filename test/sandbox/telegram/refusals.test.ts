import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Chat } from './chat.ts';
import { TelegramFixture } from './fixtures.ts';
import { REFUSALS } from './refusal-table.ts';
import { PLACEHOLDER_PNG } from './state/image.ts';

let stage: TelegramFixture;
let chat: Chat;
beforeEach(async () => {
  stage = await TelegramFixture.open();
  chat = stage.telegram.chat(stage.bot.id, { id: 42, firstName: 'Ada' });
  chat.send('hello'); // message 1
  await stage.call('sendMessage', { chat_id: 42, text: 'text' }); // message 2
  await stage.upload('sendPhoto', { chat_id: '42', photo: PLACEHOLDER_PNG }); // message 3
  await stage.call('sendDice', { chat_id: 42 }); // message 4
});
afterEach(() => stage.close());

const inChat = { chat_id: 42 };

describe.each(Object.entries(REFUSALS))("Telegram's refusals of %s", (_, rows) => {
  it.each(rows)('%s %j: %s (%s)', async (method, parameters, refusal) => {
    const before = chat.messages;
    expect(await stage.call(method, parameters)).toMatchObject({
      status: 400,
      answer: { ok: false, error_code: 400, description: `Bad Request: ${refusal}` },
    });
    expect(chat.messages).toEqual(before);
    expect(stage.telegram.calls.at(-1)?.limit).toBeUndefined();
  });
});

describe('files that Telegram refuses', () => {
  it.each([
    ['an empty file', 'sendDocument', 'document', '', 'file must be non-empty'],
    ['a photo that is no picture', 'sendPhoto', 'photo', 'text', 'IMAGE_PROCESS_FAILED'],
  ])('%s', async (_, method, field, content, refusal) => {
    const { answer } = await stage.upload(method, { chat_id: '42', [field]: Buffer.from(content) });
    expect(answer).toMatchObject({ error_code: 400, description: `Bad Request: ${refusal}` });
  });

  it('a photo sent as a document by its id (FileManager::from_persistent_id_v23)', async () => {
    const document = chat.messages.at(-2)?.photo?.[0]?.file_id;
    expect((await stage.call('sendDocument', { ...inChat, document })).answer).toMatchObject({
      description: "Bad Request: can't use file of type Photo as Document",
    });
  });
});

describe('limits of the sandbox are no refusals', () => {
  it.each([
    ['getAvailableGifts', {}, 'getAvailableGifts'],
    [
      'sendMessage',
      { ...inChat, text: 'a', suggested_post_parameters: {} },
      'suggested posts (suggested_post_parameters)',
    ],
  ])('%s %j', async (method, parameters, what) => {
    expect(await stage.call(method, parameters)).toMatchObject({
      status: 501,
      answer: { description: `Not Implemented: the sandbox does not emulate ${what}` },
    });
    expect(stage.telegram.calls.at(-1)).toMatchObject({ limit: true });
  });
});
