import { describe, expect, it } from 'vitest';
import type { DeclaredProfile } from '../../../../functions/contract.ts';
import { failureOf, handle, refusedWith, unreachable } from '../fakes.ts';
import { eventOf, makeBot, type ProfiledBot } from './scenario.ts';

const declare = (...slots: object[]): DeclaredProfile => ({
  Slots: slots.map((slot) => JSON.stringify(slot)),
});
const withPhoto = (file: string, ...slots: object[]): DeclaredProfile => ({
  ...declare(...slots),
  Photo: { Url: `https://s3.us-east-1.amazonaws.com/assets/${file}`, Type: 'static' },
});
const inChat = { scope: { type: 'chat', chat_id: 42 } };
const commands = [{ command: 'start', description: 'Begin' }];

const deploy = (bot: ProfiledBot, before?: DeclaredProfile, after?: DeclaredProfile) =>
  handle(bot, eventOf(before, after));
const logged = (bot: ProfiledBot) => bot.lines.at(-1)?.facts;

describe('a deploy', () => {
  it('sets what differs, with one call each, and says what', async () => {
    const bot = makeBot();
    bot.model.edit('description', {}, 'Sells');
    const profile = declare({ name: 'Shop' }, { description: 'Sells' }, { commands });
    await expect(deploy(bot, undefined, profile)).resolves.toEqual({
      PhysicalResourceId: '7000000001',
      Data: { Unfinished: '' },
    });
    expect(bot.model.writes).toEqual(['setMyName', 'setMyCommands']);
    expect(logged(bot)).toMatchObject({
      event: 'registrar.done',
      outcome: 'set',
      written: ['profile.name', 'profile.commands'],
    });
  });

  it('reads each slot once, and writes none, when nothing differs', async () => {
    const bot = makeBot();
    const profile = declare({ name: 'Shop' }, { name: 'Laden', language_code: 'de' }, { commands });
    await deploy(bot, undefined, profile);
    bot.model.reads.length = bot.model.writes.length = 0;
    await deploy(bot, profile, profile);
    expect(bot.model.reads).toEqual(['getMyName', 'getMyCommands', 'getMyName']);
    expect(bot.model.writes).toEqual([]);
    expect(logged(bot)).toMatchObject({ outcome: 'unchanged', written: [] });
  });

  it.each<[string, object, object]>([
    ['white space', { description: ' Sells\tthings\r\n' }, { description: 'Sells things' }],
    [
      'the slash at the end of a URL',
      { menu_button: { type: 'web_app', text: 'Shop', web_app: { url: 'https://SHOP.example' } } },
      { menu_button: { type: 'web_app', text: 'Shop', web_app: { url: 'https://shop.example/' } } },
    ],
    [
      'the default button',
      { menu_button: { type: 'default' } },
      { menu_button: { type: 'commands' } },
    ],
    [
      'a flag that is left out',
      { commands: [{ command: 'start', description: 'Begin', is_ephemeral: false }] },
      { commands },
    ],
  ])('does not write what only differs in %s', async (_what, declared, atTelegram) => {
    const bot = makeBot();
    const [[kind = '', value] = []] = Object.entries(atTelegram);
    bot.model.edit(kind, {}, value);
    await deploy(bot, undefined, declare(declared));
    expect(bot.model.writes).toEqual([]);
  });

  it('sets a language after the text that it falls back to has changed', async () => {
    const bot = makeBot();
    const both = (name: string) => declare({ name }, { name: 'Shop', language_code: 'de' });
    await deploy(bot, undefined, both('Shop'));
    expect(bot.model.writes).toEqual(['setMyName']);
    await deploy(bot, both('Shop'), both('Store'));
    expect(bot.model.read('name', { language_code: 'de' })).toBe('Shop');
  });

  it('clears what is no longer declared, and leaves and reports what another process has set', async () => {
    const bot = makeBot();
    const before = declare({ name: 'Shop' }, { description: 'Sells' }, { commands });
    await deploy(bot, undefined, before);
    bot.model.edit('description', {}, 'Sells everything');
    await deploy(bot, before, declare({ name: 'Shop' }));
    expect(bot.model.raw('commands', {})).toBeUndefined();
    expect(bot.model.raw('description', {})).toBe('Sells everything');
    expect(bot.lines.at(-1)).toMatchObject({
      level: 'warn',
      facts: {
        because:
          'Left as it is, since another process has set it or Telegram refuses access to it: profile.description.',
      },
    });
  });

  it('does not take a text that it has just set for one that another process has set in a language', async () => {
    const bot = makeBot();
    const before = declare({ name: 'Shop' }, { name: 'Laden', language_code: 'de' });
    await deploy(bot, undefined, before);
    bot.model.edit('name', { language_code: 'de' }, undefined);
    await deploy(bot, before, declare({ name: 'Store' }));
    expect(logged(bot)).not.toHaveProperty('because');
  });

  it('reads a text again whose change may have had an effect before Telegram rationed it', async () => {
    const bot = makeBot();
    const before = declare({ name: 'Shop' }, { name: 'Laden', language_code: 'de' });
    await deploy(bot, undefined, before);
    bot.model.edit('name', { language_code: 'de' }, undefined);
    const faults = ['lost' as const, refusedWith(429, 'Too Many Requests', 3000)];
    bot.model.fault = (method) => (method === 'setMyName' ? faults.shift() : undefined);
    await deploy(bot, before, declare({ name: 'Store' }));
    expect(logged(bot)?.because).toMatch(/^Telegram rations profile.name: [^.]*\.$/);
  });

  it('keeps the rights that it does not name, and withdraws its own one by one', async () => {
    const bot = makeBot();
    const rights = () => bot.model.read('rights', {});
    bot.model.edit('rights', {}, { can_invite_users: true });
    const before = declare({ rights: { can_pin_messages: true, can_delete_messages: true } });
    const after = declare({ rights: { can_delete_messages: true } });
    await deploy(bot, undefined, before);
    await deploy(bot, before, after);
    expect(rights()).toEqual({
      can_invite_users: true,
      can_delete_messages: true,
      can_manage_chat: true,
    });
    await deploy(bot, after, declare());
    expect(rights()).toEqual({ can_invite_users: true, can_manage_chat: true });
  });

  it('withdraws the right that Telegram implies with the last one of its own', async () => {
    const bot = makeBot();
    const before = declare({ rights: { can_pin_messages: true }, for_channels: true });
    await deploy(bot, undefined, before);
    await deploy(bot, before, declare());
    expect(bot.model.raw('rights', { for_channels: true })).toBeUndefined();
  });

  it("treats another bot's profile as a first one: nothing there is the stack's", async () => {
    const bot = makeBot();
    bot.model.edit('description', {}, 'Sells');
    const event = eventOf(declare({ description: 'Sells' }), declare({ name: 'Shop' }));
    await handle(bot, { ...event, PhysicalResourceId: '42' } as never);
    expect(bot.model.raw('description', {})).toBe('Sells');
  });

  it('gives up a slot in a chat that the bot has left, once it is no longer declared', async () => {
    const bot = makeBot();
    const before = declare({ commands, ...inChat });
    await deploy(bot, undefined, before);
    bot.model.lostChats.add(42);
    await deploy(bot, before, declare());
    expect(logged(bot)?.because).toContain('profile.commands (scope chat 42)');
  });
});

it('deploys the rest when the bot was removed from a chat whose slot is declared as before', async () => {
  const bot = makeBot();
  const before = declare({ commands, ...inChat });
  await deploy(bot, undefined, before);
  bot.model.lostChats.add(42);
  await deploy(bot, before, declare({ commands, ...inChat }, { name: 'Shop' }));
  expect(bot.model.raw('name', {})).toBe('Shop');
  expect(logged(bot)?.because).toBe(
    'Left as it is, since another process has set it or Telegram refuses access to it: profile.commands (scope chat 42).',
  );
  const other = [{ command: 'other', description: 'Another' }];
  const { message } = await failureOf(
    bot,
    eventOf(before, declare({ commands: other, ...inChat })),
  );
  expect(message).toContain('chat not found');
});

describe('a deploy that Telegram refuses', () => {
  it('changes nothing when a chat is not known, and names the setting', async () => {
    const bot = makeBot();
    bot.model.lostChats.add(42);
    const profile = declare({ name: 'Shop' }, { commands, ...inChat, language_code: 'de' });
    const { message } = await failureOf(bot, eventOf(undefined, profile));
    expect(message).toBe(
      'profile.commands (scope chat 42, language de): setWebhook: Telegram refused with 400 Bad Request: chat not ' +
        'found. Correct profile.commands (scope chat 42, language de), and deploy again.',
    );
    expect(bot.model.writes).toEqual([]);
  });

  const fail = (bot: ProfiledBot, method: string, undoFails = false) => {
    bot.model.fault = (called) => {
      if (called === method) return refusedWith(400, 'Bad Request: no');
      if (undoFails && bot.model.writes.length > 0 && called === 'setMyName')
        return refusedWith(400, 'Bad Request: never');
      return undefined;
    };
  };

  it('undoes a create, which CloudFormation would never delete', async () => {
    const bot = makeBot();
    bot.model.edit('name', {}, 'Old');
    fail(bot, 'setMyCommands');
    const profile = declare(
      { name: 'Shop' },
      { menu_button: { type: 'commands' }, chat_id: 7 },
      { commands },
    );
    await failureOf(bot, eventOf(undefined, profile));
    expect(bot.model.read('name', {})).toBe('Old');
    expect(bot.model.raw('menu_button', { chat_id: 7 })).toBeUndefined();
  });

  it('says what a failed create could not undo', async () => {
    const bot = makeBot();
    fail(bot, 'setMyCommands', true);
    const profile = declare({ name: 'Shop' }, { commands });
    const { message } = await failureOf(bot, eventOf(undefined, profile));
    expect(message).toContain(
      'What it had set could not be undone: profile.name. Correct profile.commands',
    );
  });

  it('undoes nothing in an update: the rollback restores what was declared', async () => {
    const bot = makeBot();
    fail(bot, 'setMyCommands');
    const profile = declare({ name: 'Shop' }, { commands });
    await failureOf(bot, eventOf(declare(), profile));
    expect(bot.model.read('name', {})).toBe('Shop');
  });

  it('undoes what took effect although its response was lost', async () => {
    const bot = makeBot();
    bot.model.fault = (method) =>
      method === 'setMyName' && bot.model.read('name', {}) === '' ? 'lost' : undefined;
    const isUndo = () => bot.model.read('name', {}) === 'Shop';
    const { fault } = bot.model;
    let refusals = 0;
    bot.model.fault = (method) => {
      if (method === 'setMyName' && isUndo() && refusals++ < 1) {
        return refusedWith(400, 'Bad Request: no');
      }
      return fault(method);
    };
    await failureOf(bot, eventOf(undefined, declare({ name: 'Shop' })));
    expect(bot.model.read('name', {})).toBe('');
  });

  it('is a success with a warning when it is a rollback', async () => {
    const bot = makeBot();
    bot.status = () => 'UPDATE_ROLLBACK_IN_PROGRESS';
    bot.model.fault = () => unreachable('call');
    await expect(deploy(bot, declare(), declare({ name: 'Shop' }))).resolves.toEqual({
      PhysicalResourceId: '7000000001',
      Data: { Unfinished: '' },
    });
    expect(logged(bot)).toMatchObject({ outcome: 'unfinished' });
  });
});

describe('a change that Telegram rations', () => {
  it('is waited for when that is short', async () => {
    const bot = makeBot();
    bot.model.ration('setMyName', 60);
    await deploy(bot, undefined, declare({ name: 'Shop' }));
    expect(bot.model.read('name', {})).toBe('Shop');
  });

  it('is a warning when that takes longer, and the rest of the profile is set', async () => {
    const bot = makeBot();
    bot.model.ration('setMyName', 86_400);
    const profile = declare({ name: 'Shop' }, { name: 'Laden', language_code: 'de' }, { commands });
    await expect(deploy(bot, undefined, profile)).resolves.toMatchObject({
      Data: { Unfinished: '' },
    });
    expect(bot.model.writes).toEqual(['setMyCommands']);
    expect(bot.lines.at(-1)).toMatchObject({
      level: 'warn',
      facts: {
        because: expect.stringContaining(
          'Telegram rations profile.name: the next attempt is after 2026-01-02 00:00 UTC.',
        ),
      },
    });
  });

  it('is not tried again before its time', async () => {
    const bot = makeBot();
    let calls = 0;
    bot.model.fault = (method) => {
      if (method !== 'setMyName') return undefined;
      calls++;
      return refusedWith(429, 'Too Many Requests', 3000);
    };
    const profile = declare({ name: 'Shop' });
    await deploy(bot, undefined, profile);
    await deploy(bot, profile, profile);
    expect(calls).toBe(1);
    bot.clock.time += 3000 * 1000;
    await deploy(bot, profile, profile);
    expect(calls).toBe(2);
  });
});

describe('the photo', () => {
  it('is uploaded when its file changes, and only then', async () => {
    const bot = makeBot();
    await deploy(bot, undefined, withPhoto('one.jpg'));
    await deploy(bot, withPhoto('one.jpg'), withPhoto('one.jpg'));
    expect(bot.model.writes).toEqual(['setMyProfilePhoto']);
    await deploy(bot, withPhoto('one.jpg'), withPhoto('two.jpg'));
    expect(bot.model.photo).toBe('two.jpg');
  });

  it('is removed when it is no longer declared', async () => {
    const bot = makeBot();
    await deploy(bot, undefined, withPhoto('one.jpg'));
    await deploy(bot, withPhoto('one.jpg'), declare());
    expect(bot.model.photo).toBe('');
  });

  it('is read before anything is set, and the reason says how to upload it', async () => {
    const bot = makeBot();
    bot.services.getObject = () => Promise.reject(new Error('S3 answered 404 (NoSuchKey)'));
    const profile = withPhoto('one.jpg', { name: 'Shop' });
    const { message } = await failureOf(bot, eventOf(undefined, profile));
    expect(message).toBe(
      'profile.photo could not be read from the assets of the CDK: S3 answered 404 (NoSuchKey). Deploy again, with npm ' +
        'run deploy: it uploads the file.',
    );
    expect(bot.model.writes).toEqual([]);
  });

  it('is waited for while the permission to read it propagates', async () => {
    const bot = makeBot();
    const { getObject } = bot.services;
    let denials = 3;
    bot.services.getObject = (url) =>
      denials-- > 0 ? Promise.reject(new Error('S3 answered 403')) : getObject(url);
    await deploy(bot, undefined, withPhoto('one.jpg'));
    expect(bot.model.photo).toBe('one.jpg');
  });
});
