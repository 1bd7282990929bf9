import type { Partner } from '../session.ts';
import { line, style, visible } from '../style.ts';
import { type Command, UsageError } from './command.ts';

const bots: Command = {
  name: 'bots',
  help: 'lists the bots of the app',
  run(session) {
    for (const partner of session.partners) {
      const mark = partner === session.current ? '*' : ' ';
      session.print(line`${visible(mark)} ${style('cyan', describe(partner))}`);
    }
  },
};

const bot: Command = {
  name: 'bot',
  parameters: 'NAME',
  help: 'talks to another bot, named by its username or its construct',
  run(session, name) {
    if (name === '') throw new UsageError();
    const chosen = session.choose(name);
    if (chosen) return session.print(visible(`You talk to ${describe(chosen)}.`));
    session.print(visible(`No bot, or more than one, is called ${name}. :bots lists them.`));
  },
};

export const botCommands = [bots, bot];

/** Returns for example `@sandbox_bot (TelegramBot-dev/Bot, queued)`. */
function describe({ bot, path = 'not deployed', queue }: Partner): string {
  return `@${bot.user.username} (${path}, ${queue ? 'queued' : 'direct'})`;
}
