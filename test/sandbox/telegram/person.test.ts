import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Chat } from './chat.ts';
import { TelegramFixture, WEBHOOK_HOST } from './fixtures.ts';
import { UPDATE_TYPES } from './update-types.ts';

let stage: TelegramFixture;
let chat: Chat;
beforeEach(async () => {
  stage = await TelegramFixture.open();
  stage.network.serve(WEBHOOK_HOST, (_, response) => response.writeHead(500).end());
  await stage.setWebhook({ allowed_updates: UPDATE_TYPES });
  chat = stage.telegram.chat(stage.bot.id, { id: 42, firstName: 'Ada', username: 'ada' });
});
afterEach(() => stage.close());

const latest = () => stage.bot.pending.inOrder().at(-1)?.update;
const say = (parameters: object) => stage.call('sendMessage', { chat_id: 42, ...parameters });

describe('a person sends', () => {
  it.each([
    ['a photo', () => chat.sendPhoto({ caption: 'me' }), { caption: 'me', photo: [{ width: 1 }] }],
    [
      'a document',
      () => chat.sendDocument({ content: '{}', fileName: 'a.json' }),
      { document: { file_name: 'a.json', mime_type: 'application/json', file_size: 2 } },
    ],
    ['a voice message', () => chat.sendVoice({ duration: 3 }), { voice: { duration: 3 } }],
    ['a sticker', () => chat.sendSticker({ emoji: '🐈' }), { sticker: { emoji: '🐈' } }],
    ['a video', () => chat.sendFile('video', { width: 640 }), { video: { width: 640 } }],
    ['a location', () => chat.sendLocation(1, 2), { location: { latitude: 1, longitude: 2 } }],
    ['a contact', () => chat.sendContact(), { contact: { user_id: 42, first_name: 'Ada' } }],
    [
      'data of a Mini App',
      () => chat.sendWebAppData('{}', 'Open'),
      { web_app_data: { data: '{}', button_text: 'Open' } },
    ],
    [
      'any other kind of message',
      () => chat.sendAny({ dice: { emoji: '🎲', value: 6 } }),
      { dice: { value: 6 } },
    ],
  ])('%s', (_, send, content) => {
    const message = send();
    expect(latest()?.message).toEqual(message);
    expect(message).toMatchObject({ from: { id: 42 }, ...content });
  });

  it('an album as messages with one media_group_id', () => {
    const [first, second] = chat.sendAlbum('photo', [{ caption: 'both' }, {}]);
    expect(first?.media_group_id).toBeTruthy();
    expect(second?.media_group_id).toBe(first?.media_group_id);
  });

  it('a reply, by choice or because the bot has asked for one', async () => {
    const first = chat.send('first');
    expect(chat.reply(first, 'to that').reply_to_message?.text).toBe('first');
    await say({ text: 'Name?', reply_markup: { force_reply: true } });
    expect(chat.send('Ada').reply_to_message?.text).toBe('Name?');
    expect(chat.forcedReply).toBeUndefined();
  });
});

describe('a person changes', () => {
  it('their own message', () => {
    const message = chat.send('teh');
    chat.edit(message, 'the');
    expect(latest()?.edited_message).toMatchObject({ text: 'the', edit_date: message.date });
    expect(chat.messages.map(({ text }) => text)).toEqual(['the']);
  });

  it('the caption of their photo', () => {
    chat.edit(chat.sendPhoto({ caption: 'a' }), 'b');
    expect(latest()?.edited_message).toMatchObject({ caption: 'b' });
  });

  it("nothing of the bot's", async () => {
    chat.send('hello');
    await say({ text: 'hi' });
    expect(() => chat.edit(chat.messages[1] as never, 'x')).toThrow('only their own');
  });

  it('their reaction', () => {
    const message = chat.send('hello');
    chat.react(message, '👍');
    chat.react(message);
    expect(latest()?.message_reaction).toMatchObject({
      message_id: message.message_id,
      user: { id: 42 },
      old_reaction: [{ type: 'emoji', emoji: '👍' }],
      new_reaction: [],
    });
  });

  it('whether they are blocked', async () => {
    chat.send('hello');
    chat.block();
    chat.block();
    expect(latest()?.my_chat_member).toMatchObject({
      old_chat_member: { status: 'member' },
      new_chat_member: { status: 'kicked' },
    });
    for (const [method, parameters] of [
      ['sendMessage', { text: 'a' }],
      ['sendChatAction', { action: 'typing' }],
    ] as const) {
      expect(await stage.call(method, { chat_id: 42, ...parameters })).toMatchObject({
        status: 403,
        answer: { description: 'Forbidden: bot was blocked by the user' },
      });
    }
    expect(() => chat.send('hello')).toThrow('unblock');
    chat.unblock();
    expect(latest()?.my_chat_member?.new_chat_member.status).toBe('member');
  });
});

describe('a person sees', () => {
  beforeEach(() => {
    chat.send('hello');
  });

  it('edits, deletions, reactions, actions and drafts of the bot', async () => {
    const seen: unknown[] = [];
    chat.onEdit(({ text }) => seen.push(['edit', text]));
    chat.onDelete(({ text }) => seen.push(['delete', text]));
    chat.onReaction(({ reactions }) => seen.push(['reaction', reactions.length]));
    chat.onChatAction((action) => seen.push(['action', action]));
    chat.onDraft(({ text }) => seen.push(['draft', text]));
    const here = { chat_id: 42 };
    await stage.call('sendChatAction', { ...here, action: 'typing' });
    await stage.call('sendMessageDraft', { ...here, draft_id: 1, text: 'I am wri' });
    await say({ text: 'a' });
    await stage.call('editMessageText', { ...here, message_id: 2, text: 'b' });
    const reaction = [{ type: 'emoji', emoji: '❤' }];
    await stage.call('setMessageReaction', { ...here, message_id: 1, reaction });
    await stage.call('deleteMessages', { ...here, message_ids: [1, 2, 99] });
    expect(seen).toEqual([
      ['action', 'typing'],
      ['draft', 'I am wri'],
      ['edit', 'b'],
      ['reaction', 1],
      ['delete', 'hello'],
      ['delete', 'b'],
    ]);
    expect(chat.messages).toEqual([]);
  });

  it('a keyboard until it is removed', async () => {
    await say({ text: 'a', reply_markup: { keyboard: [['One', { text: 'Two' }]] } });
    expect(chat.messages.at(-1)).not.toHaveProperty('reply_markup');
    expect(chat.keyboardButtons().map(({ text }) => text)).toEqual(['One', 'Two']);
    expect(await chat.press('Two')).toMatchObject({ kind: 'text', message: { text: 'Two' } });
    await say({ text: 'b', reply_markup: { remove_keyboard: true } });
    expect(chat.keyboardButtons()).toEqual([]);
  });

  it('what each kind of button does', async () => {
    const button = (fields: object) => ({ text: Object.keys(fields)[0], ...fields });
    const buttons = [
      { url: 'https://x.y' },
      { login_url: { url: 'https://l.y' } },
      { web_app: { url: 'https://w.y' } },
      { copy_text: { text: 'code' } },
      { switch_inline_query: 'q' },
      { switch_inline_query_current_chat: 'here' },
      { switch_inline_query_chosen_chat: { query: 'there', allow_user_chats: true } },
    ].map(button);
    await say({ text: 'a', reply_markup: { inline_keyboard: [buttons] } });
    const outcomes = await Promise.all(buttons.map(({ text = '' }) => chat.press(text)));
    expect(outcomes.map(({ text }) => text)).toEqual([
      'Telegram opens https://x.y/',
      'Telegram opens https://l.y/',
      'Telegram opens the Mini App https://w.y/',
      'Telegram copies "code"',
      'Telegram starts the inline query "q" in a chat of your choice',
      'Telegram starts the inline query "here" here',
      'Telegram starts the inline query "there" in a chat of your choice',
    ]);
    const keyboard = [{ request_location: true }, { request_users: { request_id: 1 } }].map(button);
    await say({ text: 'b', reply_markup: { keyboard: [keyboard] } });
    expect(await chat.press('request_location')).toMatchObject({ message: { location: {} } });
    expect((await chat.press('request_users')).text).toBe('Telegram lets you choose people');
  });
});

describe('an anonymous quiz', () => {
  it('reports its state, but not who has voted, and takes no second vote', async () => {
    chat.send('hello');
    const quiz = { question: 'Q', options: ['a', 'b'], type: 'quiz', correct_option_id: 0 };
    await stage.call('sendPoll', { chat_id: 42, ...quiz });
    const message = await chat.nextMessage();
    expect(message.poll).toMatchObject({ type: 'quiz', correct_option_ids: [0] });
    chat.vote(message, 'b');
    expect(latest()).toMatchObject({ poll: { total_voter_count: 1 } });
    expect(() => chat.vote(message, 'a')).toThrow('final');
    expect(() => chat.vote(message, 'c')).toThrow();
  });
});

describe('formatting', () => {
  it.each([
    ['sendMessage', { text: '*b*' }, { text: 'b' }, 'entities'],
    [
      'sendPhoto',
      { photo: 'https://x.y/z.jpg', caption: '*b*' },
      { caption: 'b' },
      'caption_entities',
    ],
  ])('is applied by %s, and refused as Telegram does', async (method, parameters, shown, field) => {
    chat.send('hello');
    const call = { chat_id: 42, parse_mode: 'MarkdownV2', ...parameters };
    expect((await stage.call(method, call)).answer).toMatchObject({
      result: { ...shown, [field]: [{ type: 'bold', offset: 0, length: 1 }] },
    });
    const broken = JSON.parse(JSON.stringify(call).replace('*b*', '*b'));
    expect((await stage.call(method, broken)).answer).toMatchObject({
      description: expect.stringContaining("can't parse entities"),
    });
  });
});

describe('forwards and copies', () => {
  it('name their origin, or hide it', async () => {
    const { message_id } = chat.sendPhoto({ caption: 'mine' });
    const source = { chat_id: 42, from_chat_id: 42, message_id };
    const forward = (await stage.call('forwardMessage', source)).answer;
    expect(forward).toMatchObject({
      result: { caption: 'mine', forward_origin: { type: 'user', sender_user: { id: 42 } } },
    });
    const copy = (await stage.call('copyMessage', { ...source, caption: 'new' })).answer;
    expect(copy).toEqual({ ok: true, result: { message_id: message_id + 2 } });
    expect(chat.messages.at(-1)).toMatchObject({ caption: 'new', photo: [{}] });
    expect(chat.messages.at(-1)).not.toHaveProperty('forward_origin');
  });

  it('are refused for protected messages', async () => {
    chat.send('hello');
    await say({ text: 'secret', protect_content: true });
    const source = { chat_id: 42, from_chat_id: 42, message_id: 2 };
    expect((await stage.call('forwardMessage', source)).answer).toMatchObject({ ok: false });
  });
});
