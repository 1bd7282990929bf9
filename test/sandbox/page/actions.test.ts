import type { Message, Update } from '@grammyjs/types';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../clock.ts';
import { PLACEHOLDER_PNG } from '../telegram/state/image.ts';
import { type EventReader, PageStage } from './fixtures.ts';
import type { Action } from './protocol.ts';

let stage: PageStage;
let page: EventReader;
/** Everything that was delivered to the bot. */
let updates: Omit<Update, 'update_id'>[];

beforeEach(async () => {
  stage = await PageStage.open();
  await listen();
});

afterEach(() => stage.close());

async function listen(answer: (update: Update) => object = () => ({})): Promise<void> {
  updates = [];
  stage.reply(({ update }) => {
    const { update_id, ...rest } = update;
    updates.push(rest);
    return answer(update);
  });
  page = await stage.connect();
}

const sendMessage = (reply_markup?: object, text = 'Choose') => ({
  ...{ method: 'sendMessage', chat_id: 1001, text, reply_markup },
});
/** Lets the person say something, and resolves with the bot's message. */
async function hear(): Promise<Message> {
  await stage.act({ do: 'send', placeId: stage.placeId, text: 'hello' });
  const { message } = await page.next('message', (event) => event.message.from?.is_bot === true);
  return message;
}
const act = (action: Action | object) => stage.act(action);
const inChat = <T extends object>(action: T) => stage.act({ placeId: stage.placeId, ...action });
const botId = () => stage.stage.bot.id;
const done = { ok: true };
const fails = (error: string) => ({ ok: false, error: expect.stringContaining(error) });

describe('in a chat, a person', () => {
  it('sends a message, and every connected page shows it with the answer', async () => {
    await listen(({ message }) => sendMessage(undefined, `${message?.text}!`));
    const other = await stage.connect();
    expect(await inChat({ do: 'send', text: '/start now' })).toEqual(done);
    for (const reader of [page, other]) {
      const { placeId, message } = await reader.next('message');
      expect(placeId).toBe(stage.placeId);
      expect(message).toMatchObject({
        text: '/start now',
        from: { id: 1001 },
        entities: [{ type: 'bot_command', offset: 0, length: 6 }],
      });
      expect((await reader.next('message')).message.text).toBe('/start now!');
    }
  });

  it('replies, edits, deletes and reacts', async () => {
    await listen(({ message }) => (message ? sendMessage() : {}));
    const heard = await hear();
    const replyTo = heard.message_id;
    expect(await inChat({ do: 'send', text: 'why?', replyTo })).toEqual(done);
    const { message } = await page.next('message');
    expect(message.reply_to_message?.message_id).toBe(replyTo);
    const messageId = message.message_id;
    expect(await inChat({ do: 'edit', messageId, text: 'how?' })).toEqual(done);
    const edited = await page.next('message', (event) => event.message.edit_date !== undefined);
    expect(edited.message).toMatchObject({ message_id: messageId, text: 'how?' });
    expect(await inChat({ do: 'react', messageId: replyTo, emoji: '👍' })).toEqual({
      ok: true,
      notice:
        'The bot gets no update of this: its allowed updates do not include message_reaction.',
    });
    const { place } = await page.next('place', (event) => event.place.reactions.length > 0);
    expect(place).toMatchObject({
      messages: [],
      reactions: [{ messageId: replyTo, userId: 1001, emoji: '👍' }],
    });
    await inChat({ do: 'react', messageId: replyTo, emoji: '' });
    expect((await page.next('place')).place.reactions).toEqual([]);
    expect(await inChat({ do: 'delete', messageId })).toEqual(done);
    expect(await page.next('message deleted')).toMatchObject({ messageId });
    expect(await inChat({ do: 'delete', messageId })).toEqual(
      fails('This message was deleted. Choose another one.'),
    );
    expect(updates.map((update) => Object.keys(update))).toEqual([
      ['message'],
      ['message'],
      ['edited_message'],
    ]);
  });

  it('sends files of all kinds, with their content', async () => {
    const base64 = PLACEHOLDER_PNG.toString('base64');
    const file = { do: 'send file', name: 'a b.png', mimeType: 'image/png', base64 };
    for (const kind of ['photo', 'document', 'voice', 'video', 'audio', 'sticker']) {
      expect(await inChat({ ...file, kind, caption: 'see #this' })).toEqual(done);
      const { message } = await page.next('message');
      expect(message).toHaveProperty(kind);
      expect(message.caption_entities).toMatchObject([{ type: 'hashtag' }]);
    }
    const { message: photo } = updates[0] ?? {};
    const { file_id } = photo?.photo?.at(-1) ?? {};
    const served = await stage.request(`files/${file_id}`);
    expect(Buffer.from(served.body, 'latin1')).toEqual(PLACEHOLDER_PNG);
    expect(served.headers['content-type']).toBe('image/png');
  });

  it('presses a button, and the bot answers later', async () => {
    let answer = (_: object) => {};
    await listen(() =>
      sendMessage({ inline_keyboard: [[button('A')], [button('B'), button('B')]] }),
    );
    const { message_id: messageId } = await hear();
    stage.stage.network.automatic = (arrival) => {
      updates.push(arrival.update);
      answer = (call) => {
        const headers = { 'content-type': 'application/json' };
        arrival.answer(200, { headers, body: JSON.stringify(call) });
      };
    };
    // The two buttons have the same text.
    expect(await inChat({ do: 'press', messageId, row: 1, column: 1 })).toEqual(done);
    await settle();
    const query = updates.at(-1)?.callback_query;
    expect(query?.data).toBe('B3');
    answer({ method: 'answerCallbackQuery', callback_query_id: query?.id, text: 'Pressed!' });
    expect(await page.next('notice')).toEqual({ type: 'notice', text: 'Pressed!' });
  });

  let buttons = 0;
  const button = (text: string) => ({ text, callback_data: `${text}${++buttons}` });

  it('reads what other buttons do', async () => {
    await listen(() =>
      sendMessage({ inline_keyboard: [[{ text: 'Site', url: 'https://example.com/' }]] }),
    );
    const { message_id: messageId } = await hear();
    expect(await inChat({ do: 'press', messageId, row: 0, column: 0 })).toEqual({
      ok: true,
      notice: 'Telegram opens https://example.com/',
    });
    for (const position of [
      { row: 0, column: 1 },
      { row: 1, column: 0 },
      { row: -1, column: 0 },
    ]) {
      expect(await inChat({ do: 'press', messageId, ...position })).toEqual(
        fails('This button is no longer there.'),
      );
    }
  });

  it('uses the keyboard of the bot, which goes when it is for one time', async () => {
    await listen(({ message }) =>
      message?.text === 'hello'
        ? sendMessage({ keyboard: [['Tea'], ['Milk']], one_time_keyboard: true })
        : {},
    );
    await hear();
    const { place } = await page.next('place', (event) => event.place.keyboard !== undefined);
    expect(place.keyboard?.keyboard).toEqual([[{ text: 'Tea' }], [{ text: 'Milk' }]]);
    expect(await inChat({ do: 'press', row: 1, column: 0 })).toEqual(done);
    expect((await page.next('message')).message.text).toBe('Milk');
    expect((await page.next('place')).place).not.toHaveProperty('keyboard');
    expect(await inChat({ do: 'press', row: 0, column: 0 })).toEqual(
      fails('This button is no longer there.'),
    );
  });

  it('votes in a poll, and takes the vote back', async () => {
    const options = [{ text: 'Green' }, { text: 'Black' }];
    const poll = { chat_id: 1001, question: 'Tea?', options, is_anonymous: false };
    await listen(({ message }) => (message ? { method: 'sendPoll', ...poll } : {}));
    const { message_id: messageId } = await hear();
    expect(await inChat({ do: 'vote', messageId, options: [1] })).toEqual(done);
    const counts = ({ poll: shown }: Message) => shown?.options.map((each) => each.voter_count);
    expect(counts((await page.next('message')).message)).toEqual([0, 1]);
    const { place } = await page.next('place', (event) => event.place.votes.length > 0);
    expect(place.votes).toEqual([{ messageId, options: [1] }]);
    expect(await inChat({ do: 'vote', messageId, options: [] })).toEqual(done);
    expect(counts((await page.next('message')).message)).toEqual([0, 0]);
    await page.next('place', (event) => event.place.votes.length === 0);
    await settle();
    const heard = updates.flatMap(({ poll_answer }) => (poll_answer ? [poll_answer] : []));
    expect(heard).toMatchObject([{ option_ids: [1], user: { id: 1001 } }, { option_ids: [] }]);
    for (const [position, error] of [
      [2, 'This option is not in the poll.'],
      [0.5, 'The options of "vote" must be a list of whole numbers.'],
    ] as const) {
      expect(await inChat({ do: 'vote', messageId, options: [position] })).toEqual(fails(error));
    }
    expect(await inChat({ do: 'vote', messageId, options: [0, 1] })).toEqual(
      fails('The poll takes one answer.'),
    );
  });

  it('shows that the bot does not get the update of a vote', async () => {
    const poll = { chat_id: 1001, question: 'Tea?', options: [{ text: 'Yes' }] };
    await listen(({ message }) => (message ? { method: 'sendPoll', ...poll } : {}));
    const { message_id: messageId } = await hear();
    expect(await inChat({ do: 'vote', messageId, options: [0] })).toEqual({
      ok: true,
      notice: 'The bot gets no update of this: its allowed updates do not include poll.',
    });
  });

  it('blocks and unblocks the bot', async () => {
    expect(await inChat({ do: 'block' })).toEqual(done);
    expect((await page.next('place')).place.isBlocked).toBe(true);
    expect(await inChat({ do: 'send', text: 'hello' })).toEqual(fails('unblock it first.'));
    expect(await inChat({ do: 'unblock' })).toEqual(done);
    expect((await page.next('place')).place.isBlocked).toBe(false);
    expect(updates.map(({ my_chat_member }) => my_chat_member?.new_chat_member.status)).toEqual([
      'kicked',
      'member',
    ]);
  });

  it.each<[string, object]>([
    ['Telegram does not send empty messages.', { do: 'send', text: ' ' }],
    ['This message was deleted.', { do: 'send', text: 'x', replyTo: 99 }],
    ['Write a text, or delete the message.', { do: 'edit', messageId: 1, text: '' }],
    ['Telegram does not send empty files.', file({ base64: '' })],
    ['Send a PNG, JPEG, GIF or WebP picture, or a document.', file({ kind: 'photo' })],
    ['There is no such chat. Reload the page.', { do: 'block', placeId: 'x' }],
  ])('gets a sentence that says what to do: %s', async (error, action) => {
    expect(await inChat(action)).toEqual(fails(error));
  });

  it.each<[string, object]>([
    ['The kind of "send file" must be one of photo,', file({ kind: 'thumbnail' })],
    ['The text of "send" must be a text.', { do: 'send', text: 7 }],
    ['The row of "press" must be a whole number.', { do: 'press', row: 0.5, column: 0 }],
    ['There is no action "constructor". Reload the page.', { do: 'constructor' }],
    ['There is no action "undefined". Reload the page.', {}],
    // It would otherwise count as the name in it, and no longer as one that live mode refuses.
    ['There is no action "send". Reload the page.', { do: ['send'], text: 'hello' }],
  ])('gets another status for what is no action: %s', async (error, action) => {
    const reply = await stage.request('actions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ placeId: stage.placeId, ...action }),
    });
    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.body)).toEqual(fails(error));
    expect(updates).toEqual([]);
  });

  function file(fields: object): object {
    const base64 = Buffer.from('<svg/>').toString('base64');
    return { do: 'send file', kind: 'document', name: 'x', mimeType: '', base64, ...fields };
  }
});

describe('people and groups', () => {
  it('are opened by name, and are the same ones in the terminal', async () => {
    expect(await act({ do: 'open person', botId: botId(), firstName: ' Ada ' })).toEqual({
      ok: true,
      placeId: `${botId()}.1002.1002`,
    });
    const { place } = await page.next('place');
    expect(place).toMatchObject({ person: { first_name: 'Ada' }, messages: [] });
    expect(stage.people.named('Ada').id).toBe(1002);

    const { bot } = stage.stage;
    const chat = stage.people.enterGroup(bot, 'Tea', stage.people.named('You'));
    const opened = await act({ do: 'open group', botId: bot.id, title: 'Tea', firstName: 'Ada' });
    expect(opened).toEqual({ ok: true, placeId: `${bot.id}.${chat.chat.id}.1002` });
    const group = await page.next('place', (event) => event.place.person.id === 1002);
    // The new place comes with the messages that were there before.
    expect(group.place.messages).toMatchObject([{ new_chat_members: [{ is_bot: true }] }, {}]);
    chat.send('/all');
    const { placeId } = await page.next('message', ({ message }) => message.text === '/all');
    const again = await page.next('message', ({ message }) => message.text === '/all');
    expect([placeId, again.placeId]).toEqual(
      [1001, 1002].map((person) => `${bot.id}.${chat.chat.id}.${person}`),
    );
  });

  it.each<[string, object]>([
    ['Name the person.', { do: 'open person', firstName: ' ' }],
    ['Give the group a title.', { do: 'open group', title: '', firstName: 'Ada' }],
    ['The app has no bot 5. Reload the page.', { do: 'open person', botId: 5, firstName: 'A' }],
  ])('are refused: %s', async (error, action) => {
    expect(await act({ botId: botId(), ...action })).toEqual(fails(error));
  });

  it('do not block a bot in a group', async () => {
    const opened = await act({ do: 'open group', botId: botId(), title: 'Tea', firstName: 'You' });
    expect(await act({ ...opened, do: 'block' })).toEqual(fails('Go there first.'));
  });
});
