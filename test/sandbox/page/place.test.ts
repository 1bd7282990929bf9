import type { Message, Update } from '@grammyjs/types';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EventReader, PageStage } from './fixtures.ts';
import type { PlaceView } from './protocol.ts';

let stage: PageStage;
let page: EventReader;

beforeEach(async () => {
  stage = await PageStage.open();
  page = await stage.connect();
});

afterEach(() => stage.close());

/** Lets the bot answer a message with a call of the Bot API. */
async function answer(call: (update: Update) => object): Promise<void> {
  // The bot hears of the service messages that its calls cause, too.
  stage.reply(({ update }) => (update.message?.text ? call(update) : {}));
  await stage.act({ do: 'send', placeId: stage.placeId, text: 'hello' });
}
const place = async (fits: (place: PlaceView) => boolean) =>
  (await page.next('place', (event) => fits(event.place))).place;
const here = { chat_id: 1001 };

describe('a place shows', () => {
  it('what the bot is doing, for five seconds or until its answer', async () => {
    const { clock } = stage.stage;
    const typing = { method: 'sendChatAction', ...here, action: 'typing' };
    await answer(() => typing);
    await place(({ chatAction }) => chatAction === 'typing');
    await clock.advance(4999);
    expect(stage.page.state().places[0]?.chatAction).toBe('typing');
    await clock.advance(1);
    await place(({ chatAction }) => chatAction === undefined);
    await answer(() => typing);
    await place(({ chatAction }) => chatAction === 'typing');
    await answer(() => ({ method: 'sendMessage', ...here, text: 'done' }));
    const { message } = await page.next('message', (event) => event.message.text === 'done');
    expect(message.from?.is_bot).toBe(true);
    await place(({ chatAction }) => chatAction === undefined);
  });

  it('what the bot is still writing', async () => {
    const draft = { method: 'sendMessageDraft', ...here, draft_id: 1, text: 'Let me *th' };
    await answer(() => draft);
    expect((await place((shown) => shown.draft !== undefined)).draft).toEqual({
      ...{ text: 'Let me *th', entities: [] },
    });
    await answer(() => ({ method: 'sendMessage', ...here, text: 'Let me think' }));
    await place((shown) => shown.draft === undefined);
  });

  it('the message that the next one replies to', async () => {
    const reply_markup = { force_reply: true };
    await answer(() => ({ method: 'sendMessage', ...here, text: 'Your name?', reply_markup }));
    const { forcedReplyTo } = await place((shown) => shown.forcedReplyTo !== undefined);
    stage.stage.network.automatic = undefined;
    await stage.act({ do: 'send', placeId: stage.placeId, text: 'Ada' });
    const { message } = await page.next('message', (event) => event.message.text === 'Ada');
    expect(message.reply_to_message?.message_id).toBe(forcedReplyTo);
    await place((shown) => shown.forcedReplyTo === undefined);
  });

  it('the pinned message, and the reaction of the bot', async () => {
    const own = ({ message }: Update) => ({ ...here, message_id: (message as Message).message_id });
    await answer((update) => ({ method: 'pinChatMessage', ...own(update) }));
    const { pinnedMessageId } = await place((shown) => shown.pinnedMessageId !== undefined);
    expect(pinnedMessageId).toBe(1);
    const reaction = [{ type: 'emoji', emoji: '🔥' }];
    await answer((update) => ({ method: 'setMessageReaction', ...own(update), reaction }));
    const { reactions } = await place((shown) => shown.reactions.length > 0);
    expect(reactions).toEqual([
      { messageId: expect.any(Number), userId: stage.stage.bot.id, emoji: '🔥' },
    ]);
  });

  it('the messages of all sides, in the first snapshot too', async () => {
    await answer(({ message }) => ({ method: 'sendMessage', ...here, text: `${message?.text}!` }));
    await page.next('message', (event) => event.message.text === 'hello!');
    const late = await stage.connect();
    const { state } = await late.next('snapshot');
    const texts = state.places[0]?.messages.map((message) => message.text);
    expect(texts).toEqual(['hello', 'hello!']);
  });
});

describe('the command menu', () => {
  const commands = (command: string) => [{ command, description: command }];
  const set = (scope: string, command: string, language = '') => {
    stage.stage.bot.profile.setCommands(scope, language, commands(command));
    stage.page.refreshSoon();
  };
  const menu = async (id: string, expected: string) => {
    const { place: shown } = await page.next(
      'place',
      (event) => event.place.id === id && event.place.commands[0]?.command === expected,
    );
    expect(shown.commands).toEqual(commands(expected));
  };

  it('of a private chat is that of the narrowest scope, in the language of the person first', async () => {
    const { placeId } = stage;
    set('default', 'any');
    await menu(placeId, 'any');
    set('default', 'english', 'en');
    await menu(placeId, 'english');
    set('default', 'german', 'de');
    set('all_group_chats', 'groups');
    set('all_private_chats', 'private');
    await menu(placeId, 'private');
    set('chat 1001', 'mine');
    await menu(placeId, 'mine');
    set('chat 1001', 'mine_too', 'en');
    await menu(placeId, 'mine_too');
    stage.stage.bot.profile.deleteCommands('chat 1001', '');
    stage.stage.bot.profile.deleteCommands('chat 1001', 'en');
    stage.page.refreshSoon();
    await menu(placeId, 'private');
  });

  it('of a group depends on who looks', async () => {
    const { bot } = stage.stage;
    const [owner, member] = ['You', 'Ada'].map((name) =>
      stage.people.enterGroup(bot, 'Tea', stage.people.named(name)),
    );
    if (!owner || !member) throw new Error('Nobody is in the group');
    const { id } = owner.chat;
    const [ofOwner, ofMember] = [owner, member].map(
      ({ person }) => `${bot.id}.${id}.${person.id}`,
    ) as [string, string];
    set('default', 'any');
    await menu(ofOwner, 'any');
    set('all_private_chats', 'private');
    set('all_group_chats', 'groups');
    await menu(ofMember, 'groups');
    set('all_chat_administrators', 'admins');
    await menu(ofOwner, 'admins');
    set(`chat ${id}`, 'here');
    await menu(ofOwner, 'here');
    await menu(ofMember, 'here');
    set(`chat_administrators ${id}`, 'admins_here');
    await menu(ofOwner, 'admins_here');
    set(`chat_member ${id} 1002`, 'ada');
    await menu(ofMember, 'ada');
    expect(stage.page.place(ofOwner).view().commands).toEqual(commands('admins_here'));
  });
});
