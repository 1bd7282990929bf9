import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import type { ProfileSettings } from '../../infra/settings/profile.ts';
import { Watch } from '../../infra/settings/watch.ts';
import type { TelegramBotStackProps } from '../../infra/telegram-bot-stack.ts';
import type { StackState } from '../sandbox/index.ts';
import { kitStack } from './app.ts';
import { newTestBed } from './test-bed.ts';

const testBed = newTestBed();
const PERSON = 43;

/** The start of a JPEG of 640 by 480 pixels. */
function jpeg(content: string): Buffer {
  const start = Buffer.from('ffd8ffc0000b0801e0028001012200', 'hex');
  return Buffer.concat([start, Buffer.alloc(64, content)]);
}

function photoFile(content: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'photo-')), 'photo.jpg');
  writeFileSync(path, jpeg(content));
  return path;
}

function hashOf(content: string): string {
  return `static ${createHash('sha256').update(jpeg(content)).digest('hex')}`;
}

const command = (command: string) => ({ command, description: `About ${command}` });

/** A profile with every kind of slot. */
function fullProfile(groupId: number): ProfileSettings {
  return {
    name: { default: 'Corner Shop', de: 'Eckladen' },
    description: { default: 'Sells things', de: 'Verkauft Dinge' },
    shortDescription: 'Around the corner',
    commands: [
      { commands: [command('order'), command('help')] },
      { commands: [command('bestellen')], language: 'de' },
      { commands: [command('private')], scope: { type: 'all_private_chats' } },
      { commands: [command('group')], scope: { type: 'all_group_chats' } },
      { commands: [command('admin')], scope: { type: 'all_chat_administrators' } },
      { commands: [command('here')], scope: { type: 'chat', chat_id: groupId } },
      { commands: [command('boss')], scope: { type: 'chat_administrators', chat_id: groupId } },
      {
        commands: [command('you')],
        scope: { type: 'chat_member', chat_id: groupId, user_id: PERSON },
        language: 'de',
      },
    ],
    menuButton: {
      bot: { type: 'web_app', text: 'Shop', web_app: { url: 'https://shop.example' } },
      chats: { [PERSON]: 'commands' },
    },
    administratorRights: {
      groups: { can_delete_messages: true },
      channels: { can_post_messages: true },
    },
    photo: photoFile('shop'),
  };
}

const deployed = {
  name: 'Corner Shop',
  'name de': 'Eckladen',
  description: 'Sells things',
  'description de': 'Verkauft Dinge',
  short_description: 'Around the corner',
  'commands default': [command('order'), command('help')],
  'commands default de': [command('bestellen')],
  'commands all_private_chats': [command('private')],
  'commands all_group_chats': [command('group')],
  'commands all_chat_administrators': [command('admin')],
  'menu button': { type: 'web_app', text: 'Shop', web_app: { url: 'https://shop.example/' } },
  [`menu button ${PERSON}`]: { type: 'commands' },
  'rights groups': expect.objectContaining({ can_delete_messages: true, can_manage_chat: true }),
  'rights channels': expect.objectContaining({ can_post_messages: true, can_manage_chat: true }),
  photo: hashOf('shop'),
};

function deploy(bot: TelegramBotStackProps['bot'], name = 'Kit'): Promise<StackState> {
  const { cloudFormation } = testBed().sandbox;
  return cloudFormation.deploy(kitStack({ watch: Watch.off(), ...bot }, { name }));
}

async function deployProfile(profile: ProfileSettings, name?: string): Promise<void> {
  const { status, reason } = await deploy({ profile }, name);
  expect(status, reason).toMatch(/^(CREATE|UPDATE)_COMPLETE$/);
}

const profile = () => testBed().bot.profile.state;

/** Returns the calls that change the profile, since the first `from` calls. */
function writes(from = 0): string[] {
  return testBed()
    .methods()
    .slice(from)
    .filter((method) => /^(set|delete|remove)(My|ChatMenuButton)/.test(method));
}

/** Calls a method as another process does that knows the token. */
async function byHand(method: string, parameters: object): Promise<void> {
  const { sandbox, bot } = testBed();
  const url = new URL(`https://api.telegram.org/bot${bot.token}/${method}`);
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(parameters);
  const { status } = await sandbox.network.request(url, { method: 'POST', headers, body });
  expect(status).toBe(200);
}

/** Makes the bot know a group and a person, and returns the group's id. */
function meetPeople(): number {
  const { sandbox, bot } = testBed();
  const person = { id: PERSON, firstName: 'Eve' };
  sandbox.telegram.chat(bot.id, person).send('hello');
  const group = sandbox.telegram.group(bot.id, { title: 'Staff', owner: person });
  return group.dialog.id;
}

describe('a profile', () => {
  it('is set, then only what differs, and what is no longer declared is cleared', async () => {
    const groupId = meetPeople();
    const full = fullProfile(groupId);
    await deployProfile(full);
    const inGroup = {
      [`commands chat ${groupId}`]: [command('here')],
      [`commands chat_administrators ${groupId}`]: [command('boss')],
      [`commands chat_member ${groupId} ${PERSON} de`]: [command('you')],
    };
    expect(profile()).toEqual({ ...deployed, ...inGroup });
    expect(writes()).toHaveLength(Object.keys(profile()).length);

    let before = testBed().methods().length;
    await deployProfile(full);
    expect(writes(before)).toEqual([]);

    before = testBed().methods().length;
    const { commands, ...rest } = full;
    await deployProfile({
      ...rest,
      description: 'Sells more',
      commands: [command('order')],
      photo: photoFile('new shop'),
    });
    expect(profile()).toMatchObject({
      name: 'Corner Shop',
      description: 'Sells more',
      'commands default': [command('order')],
      photo: hashOf('new shop'),
    });
    expect(Object.keys(profile())).not.toContain('description de');
    expect(Object.keys(profile()).filter((key) => key.startsWith('commands'))).toHaveLength(1);
    // A text, its German one, the list, seven lists that are gone, and the photo.
    expect(writes(before)).toHaveLength(11);

    await byHand('setMyShortDescription', { short_description: 'By hand' });
    await deployProfile({ name: 'Corner Shop' });
    expect(profile()).toEqual({ name: 'Corner Shop', short_description: 'By hand' });
  });

  it('is cleared by a destroy, except for what was changed by hand', async () => {
    const groupId = meetPeople();
    await deployProfile(fullProfile(groupId));
    await byHand('setMyDescription', { description: 'By hand' });
    await byHand('setMyCommands', { commands: [command('byhand')], language_code: 'fr' });
    const { status, reason } = await testBed().sandbox.cloudFormation.destroy('Kit');
    expect(status, reason).toBe('DELETE_COMPLETE');
    expect(profile()).toEqual({
      description: 'By hand',
      'commands default fr': [command('byhand')],
    });
  });

  it('stays when another stack has taken the bot over', async () => {
    const profileOfBoth = { name: 'Corner Shop', commands: [command('order')] };
    await deployProfile(profileOfBoth);
    await deployProfile(profileOfBoth, 'Next');
    const before = testBed().methods().length;
    const { status, reason } = await testBed().sandbox.cloudFormation.destroy('Kit');
    expect(status, reason).toBe('DELETE_COMPLETE');
    expect(writes(before)).toEqual([]);
    expect(profile()).toEqual({ name: 'Corner Shop', 'commands default': [command('order')] });
  });

  it('has a name that Telegram postpones, and the watch sets it later', async () => {
    const { bot, sandbox } = testBed();
    const { rations } = bot.profile;
    rations.limit('setMyName', { times: 0, seconds: 100 });
    const { status, reason } = await deploy({
      profile: { name: 'Corner Shop', description: 'Sells things' },
      watch: Watch.every(Duration.minutes(1)),
    });
    expect(status, reason).toBe('CREATE_COMPLETE');
    expect(profile()).toEqual({ description: 'Sells things' });
    expect(sandbox.aws.logs.lines().join('\n')).toContain(
      'Telegram rations profile.name: the next attempt is after',
    );
    rations.limit('setMyName', { times: 1, seconds: 86_400 });
    const nameAfterCheck = async () => {
      // The watch leaves a new deployment alone for a quarter of an hour.
      await sandbox.aws.scheduler.fireAhead(1_200_000);
      return profile().name;
    };
    const waiting = { timeout: 110_000, interval: 1000 };
    await expect.poll(nameAfterCheck, waiting).toBe('Corner Shop');
  });
});

describe('a bot that @BotFather has set otherwise than the app expects', () => {
  it('is not deployed, until it is set so', async () => {
    const { bot, ask } = testBed();
    const settings = { expects: { privacyMode: false }, allowedUpdates: ['message'] as const };
    const { status, reason } = await deploy(settings);
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(reason).toContain('privacy mode is on: send /setprivacy to @BotFather');
    expect(testBed().methods()).not.toContain('setWebhook');
    await testBed().sandbox.cloudFormation.destroy('Kit');

    bot.switch({ can_read_all_group_messages: true });
    expect((await deploy(settings)).status).toBe('CREATE_COMPLETE');
    expect((await ask('hello')).text).toBe('hello');

    // Changed behind the stack's back, and then something else is deployed.
    bot.switch({ can_read_all_group_messages: false });
    const update = await deploy({ ...settings, maxConnections: 7 });
    expect(update.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect((await ask('hello again')).text).toBe('hello again');
  });
});
