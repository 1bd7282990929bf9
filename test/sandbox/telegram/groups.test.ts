import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Chat } from './chat.ts';
import { TelegramFixture, WEBHOOK_HOST } from './fixtures.ts';
import type { Group, GroupOptions } from './person/group.ts';
import type { Person } from './person/person.ts';

const ADA: Person = { id: 42, firstName: 'Ada' };
const EVE: Person = { id: 43, firstName: 'Eve', username: 'eve' };

let stage: TelegramFixture;
let group: Group;
let ada: Chat;
let eve: Chat;
beforeEach(async () => {
  stage = await TelegramFixture.open();
  stage.network.serve(WEBHOOK_HOST, (_, response) => response.writeHead(500).end());
  // Some types of updates come only to bots that name them.
  await stage.setWebhook({
    allowed_updates: [
      'message',
      'channel_post',
      'my_chat_member',
      'chat_member',
      'poll_answer',
    ].concat(['message_reaction', 'chat_join_request', 'edited_message', 'callback_query']),
  });
});
afterEach(() => stage.close());

function open(options: Partial<GroupOptions> = {}): void {
  group = stage.telegram.group(stage.bot.id, { title: 'Tea', owner: ADA, ...options });
  ada = group.owner;
  if (options.type !== 'channel') eve = group.join(EVE);
}

const updates = () => stage.bot.pending.inOrder().map(({ update }) => update);
const texts = () => updates().flatMap(({ message }) => message?.text ?? []);
const call = async (method: string, parameters: object = {}) =>
  (await stage.call(method, { chat_id: group.id, ...parameters })).answer;
const ok = (result: unknown) => ({ ok: true, result });
const refused = (code: number, description: string) => ({
  ok: false,
  error_code: code,
  description: `${code === 400 ? 'Bad Request' : 'Forbidden'}: ${description}`,
});

describe('a bot that is added to a group', () => {
  it('learns of it by my_chat_member and by a service message', () => {
    open({ type: 'group' });
    const [added, service] = updates();
    expect(added?.my_chat_member).toMatchObject({
      chat: { id: group.id, type: 'group', title: 'Tea' },
      from: { id: 42 },
      old_chat_member: { status: 'left' },
      new_chat_member: { status: 'member', user: { id: stage.bot.id } },
    });
    expect(service?.message?.new_chat_members).toMatchObject([{ id: stage.bot.id }]);
  });

  it('can write there, to everybody', async () => {
    open();
    await call('sendMessage', { text: 'hi' });
    expect((await ada.nextMessage()).text).toBe('hi');
    expect(await eve.nextMessage()).toMatchObject({ text: 'hi', chat: { type: 'supergroup' } });
  });

  it.each([
    ['group', 'bot was kicked from the group chat'],
    ['supergroup', 'bot was kicked from the supergroup chat'],
  ] as const)('is refused in a %s that has removed it', async (type, description) => {
    open({ type });
    group.removeBot();
    expect(await call('sendMessage', { text: 'hi' })).toEqual(refused(403, description));
    eve.send('/hello');
    expect(texts()).toEqual([]);
  });

  it('is refused before it is added', async () => {
    open({ bot: 'absent' });
    expect(await call('sendMessage', { text: 'hi' })).toEqual(
      refused(403, 'bot is not a member of the supergroup chat'),
    );
  });

  it('can leave', async () => {
    open();
    expect(await call('leaveChat')).toEqual(ok(true));
    expect(await call('sendMessage', { text: 'hi' })).toMatchObject({ error_code: 403 });
  });
});

describe('privacy mode', () => {
  it('shows the bot commands, mentions and replies only', async () => {
    open();
    await call('sendMessage', { text: 'hi' });
    const hi = await eve.nextMessage();
    eve.send('between us');
    eve.send('/all');
    eve.send('/mine@kit_bot');
    eve.send('/theirs@other_bot');
    eve.reply(hi, 'an answer');
    for (const name of ['@kit_bot', '@eve']) {
      eve.sendAny({ text: name, entities: [{ type: 'mention', offset: 0, length: name.length }] });
    }
    eve.sendPhoto();
    expect(texts()).toEqual(['/all', '/mine@kit_bot', 'an answer', '@kit_bot']);
    expect(updates().some(({ message }) => message?.photo)).toBe(false);
  });

  it('ends for administrators', () => {
    open({ bot: 'administrator' });
    eve.send('between us');
    expect(texts()).toEqual(['between us']);
  });

  it('is switched off by BotFather for all groups of a bot', async () => {
    const bot = stage.telegram.createBot({
      token: `7000000009:${'x'.repeat(35)}`,
      username: 'all_bot',
      firstName: 'All',
      switches: { can_read_all_group_messages: true },
    });
    bot.createGroup({ title: 'Tea', owner: ADA }).join(EVE).send('between us');
    expect(bot.pending.inOrder().at(-1)?.update.message?.text).toBe('between us');
  });
});

describe('a second person', () => {
  it('presses buttons, votes and reacts under their own name', async () => {
    open({ bot: 'administrator' });
    const keyboard = { inline_keyboard: [[{ text: 'Yes', callback_data: 'y' }]] };
    await call('sendMessage', { text: 'Well?', reply_markup: keyboard });
    void eve.press('Yes');
    await call('sendPoll', { question: 'Q', options: ['a', 'b'], is_anonymous: false });
    const poll = group.dialog.messages.at(-1);
    if (!poll) throw new Error('There is no poll');
    eve.vote(poll, 'b');
    ada.vote(poll, 'a');
    eve.react(poll, '🔥');
    const people = updates().flatMap(
      ({ callback_query, poll_answer, message_reaction }) =>
        (callback_query?.from ?? poll_answer?.user ?? message_reaction?.user)?.id ?? [],
    );
    expect(people).toEqual([43, 43, 42, 43]);
    expect(group.dialog.messages.at(-1)?.poll?.total_voter_count).toBe(2);
  });

  it('gets a selective keyboard only when it is meant for them', async () => {
    open();
    const markup = { keyboard: [['A']], selective: true };
    await call('sendMessage', { text: 'for @eve', reply_markup: markup });
    expect(eve.keyboard).toMatchObject({ keyboard: [[{ text: 'A' }]] });
    expect(ada.keyboard).toBeUndefined();
  });

  it('joins, leaves and asks to join', async () => {
    open({ bot: 'administrator' });
    group.leave(EVE);
    expect(await call('getChatMember', { user_id: 43 })).toMatchObject(ok({ status: 'left' }));
    group.requestToJoin(EVE);
    expect(updates().at(-1)?.chat_join_request).toMatchObject({ from: { id: 43 } });
    expect(await call('approveChatJoinRequest', { user_id: 43 })).toEqual(ok(true));
    expect(await call('getChatMember', { user_id: 43 })).toMatchObject(ok({ status: 'member' }));
    expect(await call('approveChatJoinRequest', { user_id: 43 })).toEqual(
      refused(400, 'HIDE_REQUESTER_MISSING'),
    );
  });
});

describe('the members', () => {
  it('are counted and described', async () => {
    open();
    expect(await call('getChatMemberCount')).toEqual(ok(3));
    expect(await call('getChatMember', { user_id: 42 })).toMatchObject(ok({ status: 'creator' }));
    expect(await call('getChatMember', { user_id: 99 })).toEqual(refused(400, 'user not found'));
    expect(await call('getChatAdministrators')).toMatchObject(ok([{ user: { id: 42 } }]));
    expect(await call('getChat')).toMatchObject(
      ok({ id: group.id, title: 'Tea', permissions: { can_send_messages: true } }),
    );
  });

  it('are banned and let in again by an administrator', async () => {
    open({ bot: 'administrator' });
    expect(await call('banChatMember', { user_id: 43 })).toEqual(ok(true));
    expect(updates().at(-2)?.chat_member).toMatchObject({
      old_chat_member: { status: 'member' },
      new_chat_member: { status: 'kicked' },
    });
    expect(() => eve.send('hello?')).toThrow('not in the chat');
    expect(await call('unbanChatMember', { user_id: 43 })).toEqual(ok(true));
    expect(await call('getChatMember', { user_id: 43 })).toMatchObject(ok({ status: 'left' }));
  });

  it.each([
    ['banChatMember', {}, 'not enough rights to restrict/unrestrict chat member'],
    [
      'restrictChatMember',
      { permissions: {} },
      'not enough rights to restrict/unrestrict chat member',
    ],
    ['promoteChatMember', { can_pin_messages: true }, 'not enough rights'],
    ['createChatInviteLink', {}, 'not enough rights to manage chat invite link'],
    ['setChatTitle', { title: 'New' }, 'not enough rights to change chat title'],
  ])('are not changed by a bot without the right: %s', async (method, parameters, refusal) => {
    open();
    expect(await call(method, { user_id: 43, ...parameters })).toEqual(refused(400, refusal));
  });

  it('are restricted and promoted', async () => {
    open({ bot: 'administrator' });
    await call('restrictChatMember', { user_id: 43, permissions: { can_send_messages: true } });
    expect(await call('getChatMember', { user_id: 43 })).toMatchObject(
      ok({ status: 'restricted', can_send_messages: true, can_send_polls: false }),
    );
    await call('promoteChatMember', { user_id: 43, can_pin_messages: true });
    expect(await call('getChatMember', { user_id: 43 })).toMatchObject(
      ok({ status: 'administrator', can_pin_messages: true }),
    );
    expect(await call('banChatMember', { user_id: 42 })).toEqual(
      refused(400, "can't remove chat owner"),
    );
  });
});

describe('messages of a group', () => {
  it('are pinned, with a service message that the bot hears of', async () => {
    open({ bot: 'administrator' });
    const { message_id } = eve.send('keep this');
    expect(await call('pinChatMessage', { message_id })).toEqual(ok(true));
    expect(eve.pinned?.message_id).toBe(message_id);
    expect(updates().at(-1)?.message?.pinned_message).toMatchObject({ text: 'keep this' });
    await call('unpinAllChatMessages');
    expect(eve.pinned).toBeUndefined();
  });

  it('are deleted by those with the right', async () => {
    open();
    const { message_id } = eve.send('/secret');
    expect(await call('deleteMessage', { message_id })).toEqual(
      refused(400, "message can't be deleted"),
    );
    group.promoteBot({ can_delete_messages: true });
    expect(await call('deleteMessage', { message_id })).toEqual(ok(true));
  });
});

describe('a forum', () => {
  beforeEach(() => open({ isForum: true, bot: 'administrator' }));

  it('has topics that messages are sent to', async () => {
    const topic = await call('createForumTopic', { name: 'Green tea' });
    const { message_thread_id } = (topic.ok ? topic.result : {}) as { message_thread_id: number };
    await call('sendMessage', { text: 'in it', message_thread_id });
    expect(group.dialog.messages.at(-1)).toMatchObject({
      is_topic_message: true,
      message_thread_id,
    });
    eve.send('me too', { topic: message_thread_id });
    expect(updates().at(-1)?.message).toMatchObject({ text: 'me too', message_thread_id });
    expect(await call('closeForumTopic', { message_thread_id })).toEqual(ok(true));
    expect(await call('closeForumTopic', { message_thread_id })).toEqual(
      refused(400, 'TOPIC_NOT_MODIFIED'),
    );
    expect(await call('deleteForumTopic', { message_thread_id })).toEqual(ok(true));
    expect(await call('sendMessage', { text: 'a', message_thread_id })).toEqual(
      refused(400, 'message thread not found'),
    );
  });

  it('is what topics need', async () => {
    const plain = stage.telegram.group(stage.bot.id, { title: 'No forum', owner: ADA });
    expect(await call('createForumTopic', { chat_id: plain.id, name: 'x' })).toEqual(
      refused(400, 'the chat is not a forum'),
    );
  });
});

describe('a channel', () => {
  it('sends its posts to the bot, and takes posts of the bot by its name', async () => {
    open({ type: 'channel', username: 'tea_news' });
    ada.send('news');
    expect(updates().at(-1)?.channel_post).toMatchObject({
      text: 'news',
      sender_chat: { id: group.id, type: 'channel' },
    });
    expect(await call('sendMessage', { chat_id: '@tea_news', text: 'more' })).toMatchObject(
      ok({ text: 'more', chat: { type: 'channel' } }),
    );
  });

  it('takes no posts of a bot that is no administrator', async () => {
    open({ type: 'channel', bot: 'member' });
    expect(await call('sendMessage', { text: 'more' })).toEqual(
      refused(400, 'need administrator rights in the channel chat'),
    );
  });
});
