import type { BotCommand } from '@grammyjs/types';

/** Returns the commands to offer: all when the menu is open, otherwise those that begin as the person types. */
export function commandsFor(
  commands: readonly BotCommand[],
  text: string,
  isMenuOpen: boolean,
): readonly BotCommand[] {
  if (isMenuOpen) return commands;
  const typed = /^\/(\w*)$/.exec(text)?.[1];
  if (typed === undefined) return [];
  return commands.filter(({ command }) => command.startsWith(typed.toLowerCase()));
}
