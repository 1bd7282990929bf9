import type { Session } from '../session.ts';
import { line, type SafeText, style, visible } from '../style.ts';
import { appearanceCommands } from './appearance.ts';
import { botCommands } from './bots.ts';
import { type Command, UsageError } from './command.ts';
import { deadLetterCommands } from './dead-letters.ts';
import { inlineCommands } from './inline.ts';
import { parse } from './parse.ts';
import { personCommands } from './person.ts';
import { placeCommands } from './places.ts';
import { statusCommands } from './status.ts';
import { waitingCommands } from './waiting.ts';

const buttons: Command = {
  name: 'buttons',
  help: 'lists the buttons',
  run: ({ conversation }) => conversation.buttons.show(),
};

/** Ends the chat. `chat.ts` looks for it, because it has to work while the bot is busy. */
const QUIT = 'quit';

const COMMANDS: readonly Command[] = [
  buttons,
  ...personCommands,
  ...placeCommands,
  ...inlineCommands,
  ...waitingCommands,
  ...deadLetterCommands,
  ...statusCommands,
  ...appearanceCommands,
  ...botCommands,
  { name: 'help', help: 'shows this list, as :? does', run: (session) => help(session) },
  { name: QUIT, help: 'ends the chat, as Ctrl-D does', run: () => {} },
];

/** Does what a person has typed: runs a command, presses a button, or sends a text to the current bot. */
export async function obey(typed: string, session: Session): Promise<void> {
  const { conversation } = session;
  const wanted = parse(typed);
  if (wanted.kind === 'text') return conversation.say(wanted.text);
  if (wanted.kind === 'button') return conversation.buttons.press(wanted.number);
  const name = wanted.name === '?' ? 'help' : wanted.name;
  const command = COMMANDS.find((known) => known.name === name);
  if (!command) {
    return session.print(
      visible(
        `There is no command :${name}. :help lists them; ::${name} sends the text “:${name}”.`,
      ),
    );
  }
  try {
    await command.run(session, wanted.argument);
  } catch (error) {
    if (error instanceof UsageError) return session.print(visible(`Usage: ${usageOf(command)}`));
    session.print(visible(error instanceof Error ? error.message : String(error)));
  }
}

/** Returns whether a line ends the chat. */
export function isQuit(typed: string): boolean {
  const wanted = parse(typed.trim());
  return wanted.kind === 'command' && wanted.name === QUIT;
}

/** Returns the commands that begin with what has been typed, for the Tab key. */
export function complete(typed: string): [string[], string] {
  const names = COMMANDS.map(({ name }) => `:${name}`);
  return [typed.startsWith(':') ? names.filter((name) => name.startsWith(typed)) : [], typed];
}

function help(session: Session): void {
  const entries: [string, string][] = [
    [':1', 'presses the first button'],
    ...COMMANDS.map((command): [string, string] => [usageOf(command), command.help]),
    ['::TEXT', 'sends a text that begins with a colon'],
    ['TEXT\\', 'continues the message in the next line'],
  ];
  const width = Math.max(...entries.map(([usage]) => usage.length));
  for (const [usage, text] of entries) session.print(entry(usage.padEnd(width), text));
}

function entry(usage: string, text: string): SafeText {
  return line`  ${style('cyan', usage)}  ${visible(text)}`;
}

function usageOf({ name, parameters }: Command): string {
  return [`:${name}`, parameters].filter(Boolean).join(' ');
}
