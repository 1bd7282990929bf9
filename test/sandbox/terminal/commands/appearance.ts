import { commandMenu, languageOf } from '../../telegram/person/command-menu.ts';
import type { Session } from '../session.ts';
import { line, style, visible } from '../style.ts';
import { type Command, UsageError } from './command.ts';

const LANGUAGE = '[LANGUAGE]';

const commands: Command = {
  name: 'commands',
  parameters: LANGUAGE,
  help: 'shows the command menu that you have here',
  run(session, argument) {
    const { bot, conversation } = session.current;
    const { chat, person } = conversation.chat;
    const menu = commandMenu(bot, chat, person, languageIn(argument, session));
    if (menu.length === 0) return session.print(line`The bot has no commands for you here.`);
    const width = Math.max(...menu.map(({ command }) => command.length));
    for (const { command, description } of menu) {
      const name = style('cyan', `/${command.padEnd(width)}`);
      session.print(line`  ${name}  ${visible(description)}`);
    }
  },
};

const profile: Command = {
  name: 'profile',
  parameters: LANGUAGE,
  help: 'shows the name, the texts and the photo of the bot',
  run(session, argument) {
    const { bot } = session.current;
    const language = languageIn(argument, session);
    const text = (kind: 'description' | 'short_description') => bot.profile.text(kind, language);
    const rows: [string, string | undefined][] = [
      ['Name', bot.profile.text('name', language) ?? bot.user.first_name],
      ['Description', text('description')],
      ['Short description', text('short_description')],
      ['Photo', bot.profile.photo && 'yes'],
    ];
    for (const [label, value = 'none'] of rows) {
      session.print(visible(`  ${label}: ${value.replaceAll('\n', '\n    ')}`));
    }
  },
};

export const appearanceCommands = [commands, profile];

/** Reads a language, which Telegram knows as two letters; by default that of whoever speaks. */
function languageIn(argument: string, { conversation }: Session): string {
  if (argument === '') return languageOf(conversation.chat.person);
  if (!/^[a-z]{2}$/.test(argument)) throw new UsageError();
  return argument;
}
