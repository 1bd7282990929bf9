import type { Update } from '@grammyjs/types';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { message, SessionStage } from '../fixtures.ts';
import { complete, isQuit } from './index.ts';

let stage: SessionStage;
let received: Update[];

beforeEach(async () => {
  stage = await SessionStage.open();
  received = [];
  await stage.stage.setWebhook({
    allowed_updates: '["message", "edited_message", "message_reaction"]',
  });
  stage.reply((text, { update }) => {
    received.push(update);
    return message(`${text}!`);
  });
});

afterEach(() => stage.close());

describe('a line', () => {
  it('with a slash belongs to the bot', async () => {
    await stage.type('/quit');
    await stage.type('/1');
    expect(stage.news()).toEqual(['@kit_bot: /quit!', '@kit_bot: /1!']);
  });

  it('with two colons is sent with one', async () => {
    await stage.type('::help');
    expect(stage.news()).toEqual(['@kit_bot: :help!']);
  });

  it('with an unknown command is not sent, and how to send it is said', async () => {
    await stage.type(':hlep');
    expect(stage.news()).toEqual([
      'There is no command :hlep. :help lists them; ::hlep sends the text “:hlep”.',
    ]);
    expect(received).toEqual([]);
  });
});

it(':help and :? list every command with its parameters', async () => {
  await stage.type(':help');
  const help = stage.news();
  expect(help).toContainEqual(
    expect.stringMatching(/^ {2}:location LAT,LON {2,}sends a location$/),
  );
  expect(help.map((text) => text.trim().split(' ')[0])).toEqual(
    expect.arrayContaining([':1', ':retry', ':drop', ':dead-letters', ':bot', ':quit', '::TEXT']),
  );
  await stage.type(':?');
  expect(stage.news()).toEqual(help);
});

it.each([':bot', ':as', ':edit', ':react', ':location Vienna', ':commands German', ':profile 1'])(
  '%s says how it is used when its argument is missing or wrong',
  async (typed) => {
    await stage.type(typed);
    expect(stage.news()).toEqual([expect.stringMatching(/^Usage: :\w+ \[?[A-Z,]+\]?$/)]);
  },
);

it('the Tab key completes commands, and no texts', () => {
  expect(complete(':re')).toEqual([[':react', ':retry', ':redrive'], ':re']);
  expect(complete('re')).toEqual([[], 're']);
});

it.each([
  [':quit', true],
  [' :quit ', true],
  ['/quit', false],
  ['::quit', false],
])('%s ends the chat: %s', (typed, ends) => {
  expect(isQuit(typed)).toBe(ends);
});

describe('the person', () => {
  it('edits their last message', async () => {
    await stage.type('helo');
    await stage.type(':edit hello');
    expect(received[1]?.edited_message).toMatchObject({
      message_id: received[0]?.message?.message_id,
      text: 'hello',
      edit_date: expect.any(Number),
    });
  });

  it('reacts to the last message of the bot', async () => {
    await stage.type('hello');
    const [answer] = stage.session.conversation.chat.messages.slice(-1);
    await stage.type(':react 👍');
    expect(received[1]?.message_reaction).toMatchObject({
      message_id: answer?.message_id,
      new_reaction: [{ type: 'emoji', emoji: '👍' }],
    });
  });

  it('sends a location and a contact', async () => {
    await stage.type(':location 48.2, -16.4');
    await stage.type(':contact');
    expect(received[0]?.message?.location).toEqual({ latitude: 48.2, longitude: -16.4 });
    expect(received[1]?.message?.contact).toMatchObject({ first_name: 'You' });
  });

  it('can be another one, whose answers are told apart', async () => {
    await stage.type(':as Ada');
    await stage.type('hello');
    expect(received[0]?.message?.from).toMatchObject({ id: 1002, first_name: 'Ada' });
    await stage.type(':as You');
    stage.reply(() => ({ ...message('for Ada'), chat_id: 1002 }));
    stage.news();
    await stage.type('hi');
    expect(stage.news()).toEqual(['@kit_bot to Ada: for Ada']);
  });

  it('has the buttons of their own chat', async () => {
    const keyboard = (text: string) => ({ inline_keyboard: [[{ text, callback_data: text }]] });
    stage.reply(() => message('choose', keyboard('For You')));
    await stage.type('hello');
    await stage.type(':as Ada');
    stage.news();
    await stage.type(':buttons');
    await stage.type(':as You');
    await stage.type(':buttons');
    expect(stage.news()).toEqual([
      'There are no buttons.',
      'You speak as You.',
      '  :1 [ For You ]',
    ]);
  });
});

describe('the appearance of the bot', () => {
  it('has the command menu of the place and of whoever speaks, in a language', async () => {
    const { profile } = stage.stage.bot;
    stage.stage.network.automatic = (arrival) => arrival.answer(200);
    await stage.type(':commands');
    expect(stage.news()).toEqual(['The bot has no commands for you here.']);
    const start = { command: 'start', description: 'Says hello' };
    profile.setCommands('default', '', [start, { command: 'buy', description: 'Sells \u001b[2J' }]);
    profile.setCommands('all_private_chats', 'de', [{ ...start, description: 'Grüßt' }]);
    profile.setCommands('all_chat_administrators', '', [{ command: 'ban', description: 'Bans' }]);
    await stage.type(':commands');
    expect(stage.news()).toEqual(['  /start  Says hello', '  /buy    Sells ␛[2J']);
    await stage.type(':commands de');
    expect(stage.news()).toEqual(['  /start  Grüßt']);
    await stage.type(':group Crew');
    stage.news();
    await stage.type(':commands de');
    await stage.type(':as Ada');
    await stage.type(':commands de');
    expect(stage.news()).toEqual([
      '  /ban  Bans',
      'You speak as Ada.',
      '  /start  Says hello',
      '  /buy    Sells ␛[2J',
    ]);
  });

  it('has the profile that people see in a language', async () => {
    const { profile } = stage.stage.bot;
    await stage.type(':profile');
    expect(stage.news()).toEqual([
      '  Name: Kit',
      '  Description: none',
      '  Short description: none',
      '  Photo: none',
    ]);
    profile.setText('name', '', 'Shop');
    profile.setText('name', 'de', 'Laden');
    profile.setText('description', '', 'Sells things.\nAsk!');
    profile.setText('short_description', 'de', 'Ein Laden');
    profile.photo = { type: 'static', content: Buffer.from('jpeg'), sizes: [] };
    await stage.type(':profile de');
    expect(stage.news()).toEqual([
      '  Name: Laden',
      '  Description: Sells things.\n    Ask!',
      '  Short description: Ein Laden',
      '  Photo: yes',
    ]);
  });
});
