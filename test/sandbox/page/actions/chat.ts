import { BotApiError } from '../../telegram/bot-api-error.ts';
import { inlineButtons, keyboardButtons } from '../../telegram/person/buttons.ts';
import type { PressOutcome } from '../../telegram/person/press.ts';
import type { EmulatedUpdateType } from '../../telegram/update-types.ts';
import type { Page } from '../page.ts';
import { type Place, placeId } from '../place.ts';
import {
  type ActionHandlers,
  type ActionOf,
  type ActionOutcome,
  DONE,
  integerField,
  integersField,
  oneOfField,
  optionalField,
  textField,
} from './action.ts';

const KINDS = ['photo', 'document', 'voice', 'video', 'audio', 'sticker'] as const;

/** Buttons that the bot answers, when and if it likes. */
const ASKING = ['callback', 'game', 'pay'];

type ChatAction =
  | 'send'
  | 'send file'
  | 'edit'
  | 'delete'
  | 'press'
  | 'react'
  | 'vote'
  | 'block'
  | 'unblock'
  | 'open person'
  | 'open group';

/** The actions of a person in a chat. */
export const chatActions: ActionHandlers<ChatAction> = {
  send: {
    fields: { placeId: textField, text: textField, replyTo: optionalField(integerField) },
    perform: ({ text: written, replyTo, ...action }, page) =>
      inPlace(action, page, 'message', (place) => {
        place.chat.send(written, {
          replyTo: replyTo === undefined ? undefined : place.message(replyTo),
        });
      }),
  },
  'send file': {
    fields: {
      ...{ placeId: textField, name: textField, mimeType: textField, base64: textField },
      kind: oneOfField(...KINDS),
      caption: optionalField(textField),
    },
    perform: (action, page) => inPlace(action, page, 'message', (place) => sendFile(place, action)),
  },
  edit: {
    fields: { placeId: textField, messageId: integerField, text: textField },
    perform: (action, page) =>
      inPlace(action, page, 'edited_message', (place) => {
        if (action.text.trim() === '') throw new Error('Write a text, or delete the message.');
        place.chat.edit(place.message(action.messageId), action.text);
      }),
  },
  delete: {
    fields: { placeId: textField, messageId: integerField },
    perform({ placeId: id, messageId }, page) {
      const place = page.place(id);
      place.chat.delete(place.message(messageId));
      return DONE;
    },
  },
  press: {
    fields: {
      placeId: textField,
      messageId: optionalField(integerField),
      row: integerField,
      column: integerField,
    },
    perform: press,
  },
  react: {
    fields: { placeId: textField, messageId: integerField, emoji: textField },
    perform: ({ messageId, emoji, ...action }, page) =>
      inPlace(action, page, 'message_reaction', (place) => {
        place.chat.react(place.message(messageId), ...(emoji === '' ? [] : [emoji]));
      }),
  },
  vote: {
    fields: { placeId: textField, messageId: integerField, options: integersField },
    perform: vote,
  },
  block: {
    fields: { placeId: textField },
    perform: (action, page) =>
      inPlace(action, page, 'my_chat_member', (place) => privateChat(place).block()),
  },
  unblock: {
    fields: { placeId: textField },
    perform: (action, page) =>
      inPlace(action, page, 'my_chat_member', (place) => privateChat(place).unblock()),
  },
  'open person': {
    fields: { botId: integerField, firstName: textField },
    perform({ botId, firstName }, page) {
      const { bot } = page.local(botId);
      const { people } = page.options.staging;
      const chat = people.enter(bot, people.named(named(firstName, 'Name the person.')));
      return { placeId: placeId({ bot, chat }) };
    },
  },
  'open group': {
    fields: { botId: integerField, title: textField, firstName: textField },
    perform({ botId, title, firstName }, page) {
      const { bot } = page.local(botId);
      const { people } = page.options.staging;
      const person = people.named(named(firstName, 'Name the person.'));
      const chat = people.enterGroup(bot, named(title, 'Give the group a title.'), person);
      return { placeId: placeId({ bot, chat }) };
    },
  },
};

/** Lets the person do something that causes an update of this type. Says so if the bot does not get it. */
function inPlace(
  { placeId: id }: { readonly placeId: string },
  page: Page,
  type: EmulatedUpdateType,
  act: (place: Place) => void,
): ActionOutcome {
  const place = page.place(id);
  act(place);
  const { allowedUpdates, state } = place.bot.webhook;
  if (allowedUpdates.has(type)) {
    if (state) return DONE;
    return { notice: 'The bot has no webhook. Telegram keeps this until it has one.' };
  }
  return { notice: `The bot gets no update of this: its allowed updates do not include ${type}.` };
}

function privateChat({ chat }: Place) {
  if (chat.chat.type === 'private') return chat;
  throw new Error('A bot is blocked in the private chat. Go there first.');
}

function named(name: string, otherwise: string): string {
  if (name.trim() === '') throw new Error(otherwise);
  return name.trim();
}

function sendFile(
  { chat }: Place,
  { kind, name, mimeType, base64, caption }: ActionOf<'send file'>,
): void {
  const content = Buffer.from(base64, 'base64');
  if (content.length === 0) throw new Error('Telegram does not send empty files.');
  const file = {
    ...{ content, caption },
    ...(name && { fileName: name }),
    ...(mimeType && { mimeType }),
  };
  try {
    if (kind === 'sticker') chat.sendSticker(file);
    else chat.sendFile(kind, file);
  } catch (error) {
    if (kind !== 'photo' || !(error instanceof BotApiError)) throw error;
    throw new Error(
      `Telegram cannot show this as a photo (${error.message}). Send a PNG, JPEG, GIF or WebP picture, or a document.`,
    );
  }
}

function vote({ messageId, options, ...action }: ActionOf<'vote'>, page: Page): ActionOutcome {
  const place = page.place(action.placeId);
  const message = place.message(messageId);
  const { poll } = message;
  const texts = options.map((position) => poll?.options[position]?.text);
  if (!texts.every((text) => text !== undefined)) {
    throw new Error('This option is not in the poll. Choose another one.');
  }
  // Whoever votes in the open causes both.
  const isPollEnough = poll?.is_anonymous || place.bot.webhook.allowedUpdates.has('poll');
  return inPlace(action, page, isPollEnough ? 'poll' : 'poll_answer', ({ chat }) => {
    chat.vote(message, ...texts);
  });
}

async function press(
  { placeId: id, messageId, row, column }: ActionOf<'press'>,
  page: Page,
): Promise<ActionOutcome> {
  const place = page.place(id);
  const { chat } = place;
  const message = messageId === undefined ? undefined : place.message(messageId);
  const rows = message ? message.reply_markup?.inline_keyboard : chat.keyboard?.keyboard;
  if (!rows?.[row]?.[column])
    throw new Error('This button is no longer there. Choose another one.');
  const buttons = message ? inlineButtons(message) : keyboardButtons(chat.keyboard);
  const button = buttons[rows.slice(0, row).flat().length + column];
  if (!button) throw new Error('This button is no longer there. Choose another one.');
  const pressed = chat.pressButton(button, message);
  // The browser does not wait: it has only a few connections, and a bot may never answer.
  if (ASKING.includes(button.kind)) {
    pressed.then(
      (outcome) => {
        const shown = noticeOf(outcome);
        if (shown && outcome.showAlert) page.alert(shown, id);
        else if (shown) page.notice(shown);
      },
      (error: Error) => page.notice(error.message),
    );
    return DONE;
  }
  const notice = noticeOf(await pressed);
  return notice ? { notice } : DONE;
}

function noticeOf({ text: shown, url }: PressOutcome): string {
  return shown || (url ? `Telegram opens ${url}` : '');
}
