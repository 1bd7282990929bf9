import type { BotCommand } from '@grammyjs/types';
import type { Bot } from '../telegram/bot.ts';
import type { Chat } from '../telegram/chat.ts';

/** The language of the people here (`userOf`). */
const LANGUAGE = 'en';

/**
 * Returns the commands that Telegram offers a person in a chat: those of the narrowest scope that has any, in the
 * person's language before those of all languages.
 *
 * @see https://core.telegram.org/bots/api#determining-list-of-commands
 */
export function commandMenu(
  bot: Bot,
  { chat, person }: Pick<Chat, 'chat' | 'person'>,
): readonly BotCommand[] {
  if (chat.type === 'channel') return [];
  const isAdministrator = bot.findDialog(String(chat.id))?.members.isAdministrator(person);
  const scopes =
    chat.type === 'private'
      ? [`chat ${chat.id}`, 'all_private_chats', 'default']
      : [
          `chat_member ${chat.id} ${person.id}`,
          ...(isAdministrator ? [`chat_administrators ${chat.id}`] : []),
          `chat ${chat.id}`,
          ...(isAdministrator ? ['all_chat_administrators'] : []),
          'all_group_chats',
          'default',
        ];
  const menus = scopes.flatMap((scope) =>
    [LANGUAGE, ''].map((language) => bot.profile.commandsOf(scope, language)),
  );
  return menus.find((menu) => menu.length > 0) ?? [];
}
