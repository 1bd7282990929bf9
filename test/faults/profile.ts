import type { ProfileSettings } from '../../infra/settings/profile.ts';
import type { Bot } from '../sandbox/index.ts';
import type { Simulation } from './simulation.ts';

/** A profile as the stack declares it, and as Telegram then has it. */
export interface ProfileFixture {
  readonly settings: ProfileSettings;
  readonly state: Readonly<Record<string, unknown>>;
}

const command = (name: string) => ({ command: name, description: `About ${name}` });

export const firstProfile: ProfileFixture = {
  settings: {
    name: { default: 'Shop', de: 'Laden' },
    description: 'Sells things',
    commands: [
      { commands: [command('order')] },
      { commands: [command('join')], scope: { type: 'all_group_chats' } },
    ],
    menuButton: { type: 'web_app', text: 'Shop', web_app: { url: 'https://shop.example/' } },
  },
  state: {
    name: 'Shop',
    'name de': 'Laden',
    description: 'Sells things',
    'commands default': [command('order')],
    'commands all_group_chats': [command('join')],
    'menu button': { type: 'web_app', text: 'Shop', web_app: { url: 'https://shop.example/' } },
  },
};

/** What it is changed to: something is new, something else, and something no longer declared. */
export const changedProfile: ProfileFixture = {
  settings: {
    name: 'Market',
    shortDescription: 'Around the corner',
    commands: [command('order'), command('help')],
  },
  state: {
    name: 'Market',
    short_description: 'Around the corner',
    'commands default': [command('order'), command('help')],
  },
};

/** What a person has set, which no step may change. */
const setByHand = { 'commands default fr': [command('parhand')] };

/** Sets a part of the profile that no stack declares. */
export async function setProfileByHand(simulation: Simulation, bot: Bot): Promise<void> {
  const client = simulation.telegramClient(bot);
  await client.call('setMyCommands', { commands: [command('parhand')], language_code: 'fr' });
}

/** Returns what Telegram has when the stack declares this profile, or none. */
export function profileWith(declared?: ProfileFixture): Record<string, unknown> {
  return { ...declared?.state, ...setByHand };
}

/** Whether two states of a profile are the same, in whatever order they were set. */
export function isSameProfile(one: object, other: object): boolean {
  const sorted = (state: object) => JSON.stringify(Object.entries(state).sort());
  return sorted(one) === sorted(other);
}
