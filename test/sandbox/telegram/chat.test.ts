import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Chat } from './chat.ts';
import { TelegramFixture } from './fixtures.ts';

let stage: TelegramFixture;
let chat: Chat;
beforeEach(async () => {
  stage = await TelegramFixture.open();
  chat = stage.telegram.chat(stage.bot.id, { id: 42, firstName: 'Ada', username: 'ada' });
});
afterEach(() => stage.close());

const pending = () => stage.bot.pending.inOrder().map(({ update }) => update);
const say = (parameters: object) => stage.call('sendMessage', { chat_id: 42, ...parameters });
const keyboard = {
  inline_keyboard: [
    [{ text: 'Yes', callback_data: 'y' }],
    [{ text: 'Site', url: 'https://example.com/' }],
  ],
};

describe('a person', () => {
  it('sends a message that reaches the bot as an update', () => {
    chat.send('hello');
    expect(pending()).toMatchObject([
      {
        message: {
          message_id: 1,
          from: { id: 42, is_bot: false, first_name: 'Ada', username: 'ada', language_code: 'en' },
          chat: { id: 42, type: 'private', first_name: 'Ada', username: 'ada' },
          date: Math.floor(stage.clock.now() / 1000),
          text: 'hello',
        },
      },
    ]);
    expect(pending()[0]?.message).not.toHaveProperty('entities');
  });

  it('sends commands with the entities that bot libraries look for', () => {
    expect(chat.send('/start now /help@kit_bot').entities).toEqual([
      { type: 'bot_command', offset: 0, length: 6 },
      { type: 'bot_command', offset: 11, length: 13 },
    ]);
  });

  it('cannot send an empty message', () => {
    expect(() => chat.send(' ')).toThrow('empty');
  });

  it("reads the bot's messages one by one, and waits for those still to come", async () => {
    chat.send('hello');
    await say({ text: 'a' });
    const [first, second] = [chat.nextMessage(), chat.nextMessage()];
    await say({ text: 'b' });
    expect([(await first).text, (await second).text]).toEqual(['a', 'b']);
    expect(chat.messages.map(({ text }) => text)).toEqual(['hello', 'a', 'b']);
  });

  it('is notified of messages while listening', async () => {
    chat.send('hello');
    const heard: string[] = [];
    const stop = chat.onMessage(({ text = '' }) => heard.push(text));
    await say({ text: 'a' });
    stop();
    await say({ text: 'b' });
    expect(heard).toEqual(['a']);
  });

  it("presses a button and gets the bot's answer", async () => {
    chat.send('hello');
    await say({ text: 'Well?', reply_markup: keyboard });
    const answer = chat.press('Yes');
    const query = pending().at(-1)?.callback_query;
    expect(query).toMatchObject({ from: { id: 42 }, data: 'y', message: { text: 'Well?' } });
    await stage.call('answerCallbackQuery', {
      callback_query_id: query?.id,
      text: 'Done',
      show_alert: true,
    });
    expect(await answer).toEqual({ kind: 'callback', text: 'Done', showAlert: true });
  });

  it('cannot press a button that is missing', async () => {
    chat.send('hello');
    await say({ text: 'Well?', reply_markup: keyboard });
    expect(() => chat.press('No')).toThrow('Buttons: "Yes", "Site"');
  });
});

describe('sendMessage', () => {
  beforeEach(() => {
    chat.send('hello');
  });

  it('returns the message', async () => {
    expect((await say({ text: 'a', reply_markup: keyboard })).answer).toMatchObject({
      ok: true,
      result: {
        message_id: 2,
        from: { id: stage.bot.id, is_bot: true },
        chat: { id: 42 },
        text: 'a',
        reply_markup: keyboard,
      },
    });
  });

  it('formats the text, and finds links in it', async () => {
    await say({ text: '<b>Hi</b> a.de', parse_mode: 'HTML' });
    await say({ text: 'Hi', entities: [{ type: 'bold', offset: 0, length: 2 }] });
    const [, first, second] = chat.messages;
    expect(first).toMatchObject({
      text: 'Hi a.de',
      entities: [
        { type: 'bold', offset: 0, length: 2 },
        { type: 'url', offset: 3, length: 4 },
      ],
    });
    expect(second?.entities).toEqual([{ type: 'bold', offset: 0, length: 2 }]);
  });

  it('mentions the person in the chat', async () => {
    await say({ text: '[you](tg://user?id=42)', parse_mode: 'MarkdownV2' });
    expect(chat.messages.at(-1)?.entities).toEqual([
      { type: 'text_mention', offset: 0, length: 3, user: chat.person },
    ]);
  });

  it.each([
    ['no text', { text: '' }, 'message text is empty'],
    ['blank text', { text: ' \n' }, 'text must be non-empty'],
    ['a text that is too long', { text: 'x'.repeat(4097) }, 'message is too long'],
    ['no chat', { text: 'a', chat_id: '' }, 'chat_id is empty'],
    ['an unknown chat', { text: 'a', chat_id: 43 }, 'chat not found'],
    [
      'broken markup',
      { text: 'a.', parse_mode: 'MarkdownV2' },
      "can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'",
    ],
    [
      'a button with too much data',
      {
        text: 'a',
        reply_markup: { inline_keyboard: [[{ text: 'b', callback_data: 'x'.repeat(65) }]] },
      },
      'BUTTON_DATA_INVALID',
    ],
    [
      'a broken keyboard',
      { text: 'a', reply_markup: '{' },
      "can't parse reply keyboard markup JSON object",
    ],
    [
      'a keyboard that is not an object',
      { text: 'a', reply_markup: '1' },
      'object expected as reply markup',
    ],
  ])('refuses %s', async (_, parameters, problem) => {
    expect(await say(parameters)).toMatchObject({
      status: 400,
      answer: { ok: false, error_code: 400, description: `Bad Request: ${problem}` },
    });
    expect(chat.messages).toHaveLength(1);
  });

  it('accepts 4096 characters', async () => {
    expect((await say({ text: '😀'.repeat(4096) })).status).toBe(200);
  });

  it('finds no chat with a person who has not written yet', async () => {
    stage.telegram.chat(stage.bot.id, { id: 43, firstName: 'Eve' });
    expect((await say({ text: 'a', chat_id: 43 })).answer).toMatchObject({
      description: 'Bad Request: chat not found',
    });
  });
});

describe('answerCallbackQuery', () => {
  it('refuses an unknown query id', async () => {
    expect(await stage.call('answerCallbackQuery', { callback_query_id: '1' })).toMatchObject({
      status: 400,
      answer: {
        description:
          'Bad Request: query is too old and response timeout expired or query ID is invalid',
      },
    });
  });
});
