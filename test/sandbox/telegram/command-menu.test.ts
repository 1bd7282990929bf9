import { afterEach, beforeEach, expect, it } from 'vitest';
import { TelegramFixture } from './fixtures.ts';
import { commandMenu } from './person/command-menu.ts';
import { type Person, userOf } from './person/person.ts';

const owner: Person = { id: 7, firstName: 'Owner', languageCode: 'pt-br' };
const member: Person = { id: 8, firstName: 'Member' };

let stage: TelegramFixture;

beforeEach(async () => {
  stage = await TelegramFixture.open();
});

afterEach(() => stage.close());

/** Sets a list with one command. */
async function set(command: string, scope?: object, language_code = ''): Promise<void> {
  const commands = [{ command, description: `Does ${command}` }];
  const { answer } = await stage.call('setMyCommands', { commands, scope, language_code });
  expect(answer).toMatchObject({ ok: true });
}

const privateMenu = (person: Person, language?: string) =>
  menu(privateChat(person), person, language);

function privateChat(person: Person) {
  return stage.bot.chatWith(person).chat;
}

function menu(chat: ReturnType<typeof privateChat>, person: Person, language?: string): string {
  const found = commandMenu(stage.bot, chat, userOf(person), language);
  return found.map(({ command }) => command).join(' ');
}

it('is the list of the narrowest scope in a private chat, first for the language', async () => {
  stage.bot.chatWith(owner).send('hello');
  expect(privateMenu(owner)).toBe('');
  const steps: [string, object?, string?][] = [
    ['default_all', undefined],
    ['default_pt', undefined, 'pt'],
    ['private_all', { type: 'all_private_chats' }],
    ['private_pt', { type: 'all_private_chats' }, 'pt'],
    ['chat_all', { type: 'chat', chat_id: owner.id }],
    ['chat_pt', { type: 'chat', chat_id: owner.id }, 'pt'],
  ];
  for (const step of steps) {
    await set(...step);
    expect(privateMenu(owner)).toBe(step[0]);
  }
  expect(privateMenu(owner, 'de')).toBe('chat_all');
  expect(privateMenu(member, 'pt')).toBe('private_pt');
});

it('is the list of the narrowest scope in a group, and knows its administrators', async () => {
  const group = stage.bot.createGroup({ title: 'Group', owner });
  group.join(member);
  const chat_id = group.id;
  await set('private', { type: 'all_private_chats' });
  expect(menu(group.chat, member)).toBe('');
  // Of each step, what a member and the owner then have.
  const steps: [string, object | undefined, string, string][] = [
    ['everywhere', undefined, 'everywhere', 'everywhere'],
    ['groups', { type: 'all_group_chats' }, 'groups', 'groups'],
    ['admins', { type: 'all_chat_administrators' }, 'groups', 'admins'],
    ['here', { type: 'chat', chat_id }, 'here', 'here'],
    ['admins_here', { type: 'chat_administrators', chat_id }, 'here', 'admins_here'],
    ['own', { type: 'chat_member', chat_id, user_id: member.id }, 'own', 'admins_here'],
    ['owner', { type: 'chat_member', chat_id, user_id: owner.id }, 'own', 'owner'],
  ];
  for (const [command, scope, ofMember, ofOwner] of steps) {
    await set(command, scope);
    expect([menu(group.chat, member), menu(group.chat, owner)]).toEqual([ofMember, ofOwner]);
  }
});

it('passes over an empty list, and is empty in a channel', async () => {
  await set('everywhere');
  await stage.call('setMyCommands', { commands: [], scope: { type: 'all_private_chats' } });
  expect(privateMenu(member)).toBe('everywhere');
  const channel = stage.bot.createGroup({ title: 'News', type: 'channel', owner });
  expect(menu(channel.chat, owner)).toBe('');
});

it('shows each command in one line', async () => {
  const commands = [{ command: 'start', description: 'One\n  two\tthree' }];
  await stage.call('setMyCommands', { commands });
  expect(commandMenu(stage.bot, privateChat(member), userOf(member))).toEqual([
    { command: 'start', description: 'One two three' },
  ]);
});
