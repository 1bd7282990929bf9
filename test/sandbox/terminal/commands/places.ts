import { visible } from '../style.ts';
import { type Command, UsageError } from './command.ts';

const group: Command = {
  name: 'group',
  parameters: 'TITLE',
  help: 'goes to a group, and creates it with the bot in it',
  async run(session, title) {
    if (title === '') throw new UsageError();
    await session.conversation.enterGroup(title);
    session.print(visible(`You are in ${title}. :private goes back to the private chat.`));
  },
};

const back: Command = {
  name: 'private',
  help: 'goes back to the private chat',
  run: ({ conversation }) => conversation.leaveGroup(),
};

export const placeCommands = [group, back];
