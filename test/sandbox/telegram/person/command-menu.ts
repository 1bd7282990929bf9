import type { BotCommand, Chat, User } from '@grammyjs/types';
import type { Bot } from '../bot.ts';

/**
 * Returns the commands that a person is offered in a chat: the list of the narrowest scope that has one, first for the
 * person's language and then for all. A channel has no commands, because only its administrators write there.
 *
 * @param language ISO 639-1; by default that of the person's app
 * @see https://core.telegram.org/bots/api#determining-list-of-commands
 */
export function commandMenu(
  bot: Bot,
  chat: Chat,
  person: User,
  language = languageOf(person),
): BotCommand[] {
  const found = scopesOf(bot, chat, person)
    .flatMap((scope) => [language, ''].map((one) => bot.profile.commandsOf(scope, one)))
    .find(({ length }) => length > 0);
  // Menus show each command in one line.
  return (found ?? []).map(({ description, ...command }) => ({
    ...command,
    description: description.replaceAll(/\s+/g, ' '),
  }));
}

/** Returns the language of a person's app as ISO 639-1; empty if it is not known. */
export function languageOf({ language_code = '' }: User): string {
  return language_code.slice(0, 2).toLowerCase();
}

/** Returns the keys of the scopes that apply, as `setMyCommands` stores them, the narrowest first. */
function scopesOf(bot: Bot, { id, type }: Chat, person: User): string[] {
  if (type === 'channel') return [];
  if (type === 'private') return [`chat ${id}`, 'all_private_chats', 'default'];
  const isAdministrator = bot.findDialog(String(id))?.members.isAdministrator(person) ?? false;
  return [
    `chat_member ${id} ${person.id}`,
    ...(isAdministrator ? [`chat_administrators ${id}`] : []),
    `chat ${id}`,
    ...(isAdministrator ? ['all_chat_administrators'] : []),
    'all_group_chats',
    'default',
  ];
}
