import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { FileToSend } from '../../telegram/person/sent-file.ts';
import { line, visible } from '../style.ts';
import { type Command, UsageError } from './command.ts';

const as: Command = {
  name: 'as',
  parameters: 'NAME',
  help: 'lets another person speak; “You” is the first one',
  run(session, name) {
    if (name === '') throw new UsageError();
    session.speakAs(name);
    session.print(visible(`You speak as ${name}.`));
  },
};

const edit: Command = {
  name: 'edit',
  parameters: 'TEXT',
  help: 'edits your last message',
  run(session, text) {
    if (text === '') throw new UsageError();
    const { conversation } = session;
    const { person, messages } = conversation.chat;
    const last = messages.findLast(({ from }) => from?.id === person.id);
    if (!last) return session.print(line`You have not written yet.`);
    return conversation.act('edited_message', (chat) => chat.edit(last, text));
  },
};

const react: Command = {
  name: 'react',
  parameters: 'EMOJI',
  help: 'reacts to the last message of the bot',
  run(session, emoji) {
    if (emoji === '') throw new UsageError();
    const { conversation, current } = session;
    const { messages } = conversation.chat;
    const last = messages.findLast(({ from }) => from?.id === current.bot.id);
    if (!last) return session.print(line`The bot has not written yet.`);
    return conversation.act('message_reaction', (chat) => chat.react(last, emoji));
  },
};

const photo: Command = {
  name: 'photo',
  parameters: '[PATH]',
  help: 'sends a photo: a file, or a grey picture',
  run: ({ conversation }, path) =>
    conversation.act('message', (chat) => chat.sendPhoto(fileAt(path))),
};

const file: Command = {
  name: 'file',
  parameters: '[PATH]',
  help: 'sends a file',
  run: ({ conversation }, path) =>
    conversation.act('message', (chat) => chat.sendDocument(fileAt(path))),
};

const location: Command = {
  name: 'location',
  parameters: 'LAT,LON',
  help: 'sends a location',
  run({ conversation }, argument) {
    const [, latitude, longitude] = /^(-?[\d.]+)\s*,\s*(-?[\d.]+)$/.exec(argument) ?? [];
    if (latitude === undefined || longitude === undefined) throw new UsageError();
    return conversation.act('message', (chat) =>
      chat.sendLocation(Number(latitude), Number(longitude)),
    );
  },
};

const contact: Command = {
  name: 'contact',
  help: 'sends your contact',
  run: ({ conversation }) => conversation.act('message', (chat) => chat.sendContact()),
};

export const personCommands = [as, edit, react, photo, file, location, contact];

/** Reads a file of this machine, by its path from here; an empty path stands for a made-up file. */
function fileAt(path: string): FileToSend {
  return path === '' ? {} : { content: readFileSync(path), fileName: basename(path) };
}
