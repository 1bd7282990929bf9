import type { Message, Update } from '@grammyjs/types';
import { asCode } from './code.ts';
import { pressedButton } from './summarize-update.ts';

/** What a test does for one update. */
export interface TestStep {
  /** Code of the promise that a chat returns. */
  readonly action: string;
  /** Whether the promise is that of a press, which has more than messages. */
  readonly isPress?: true;
  /** A statement that has to come first. */
  readonly before?: string;
  /** The message of the bot that it refers to: the test begins with what led to it. */
  readonly needs?: number;
}

/** Finds the bot's latest message in a test. */
const LATEST = 'person.messages.findLast(({ from }) => from?.is_bot)';

/** Returns the step that makes a person cause such an update, or the reason why `chatWith` has none. */
export function stepOf(update: Update): TestStep | string {
  const { message, callback_query, message_reaction, my_chat_member, inline_query } = update;
  const chat = (message ?? callback_query?.message ?? message_reaction ?? my_chat_member)?.chat;
  if (chat && chat.type !== 'private') return 'chatWith chats in private, and this is a group.';
  if (message) return messageStep(message);
  if (callback_query?.message) {
    const button = pressedButton(callback_query);
    return button === undefined
      ? 'The pressed button is no longer below its message.'
      : {
          action: `chat.press(${asCode(button)})`,
          isPress: true,
          needs: callback_query.message.message_id,
        };
  }
  if (message_reaction) {
    const emoji = message_reaction.new_reaction.flatMap((each) =>
      'emoji' in each ? each.emoji : [],
    );
    const reactions = emoji.map((each) => `, ${asCode(each)}`).join('');
    return onLatest((latest) => `person.react(${latest}${reactions})`, message_reaction.message_id);
  }
  if (my_chat_member) {
    const block = does('person.block()');
    return my_chat_member.new_chat_member.status === 'kicked'
      ? block
      : { ...does('person.unblock()'), before: `await ${block.action};` };
  }
  if (inline_query) return does(`void person.inlineQuery(${asCode(inline_query.query)})`);
  return 'chatWith has no action that causes such an update: copy it as curl instead.';
}

function messageStep(message: Message): TestStep | string {
  const { reply_to_message: replied, text } = message;
  if (replied?.from?.is_bot) {
    return text === undefined
      ? 'chatWith replies with a text only.'
      : onLatest((latest) => `person.reply(${latest}, ${asCode(text)})`, replied.message_id);
  }
  if (text !== undefined) return { action: `chat.say(${asCode(text)})` };
  return does(`person.${sending(message)}`);
}

/** Returns the call that sends a message without a text. Files have no content here, and the sandbox makes one up. */
function sending(message: Message): string {
  const { caption, contact, location, venue, web_app_data } = message;
  if (message.photo) return `sendPhoto(${asCode({ caption })})`;
  if (message.sticker) return `sendSticker(${asCode({ emoji: message.sticker.emoji })})`;
  const kind = KINDS.find((each) => message[each]);
  if (kind) {
    const { file_name: fileName, mime_type: mimeType } = message[kind] as Partial<NamedFile>;
    return `sendFile('${kind}', ${asCode({ fileName, mimeType, caption })})`;
  }
  if (location && !venue) return `sendLocation(${location.latitude}, ${location.longitude})`;
  if (contact) {
    const { phone_number: phoneNumber, first_name: firstName } = contact;
    return `sendContact(${asCode({ phoneNumber, firstName })})`;
  }
  if (web_app_data) {
    return `sendWebAppData(${asCode(web_app_data.data)}, ${asCode(web_app_data.button_text)})`;
  }
  const { message_id, from, chat, date, ...fields } = message;
  return `sendAny(${asCode(fields)})`;
}

/** An animation is a document too, so it comes first. */
const KINDS = ['animation', 'document', 'voice', 'video', 'audio', 'video_note'] as const;

interface NamedFile {
  readonly file_name: string;
  readonly mime_type: string;
}

function does(action: string): TestStep {
  return { action: `chat.does((person) => ${action})` };
}

function onLatest(action: (latest: string) => string, needs: number): TestStep {
  const lines = [
    'chat.does((person) => {',
    `  const latest = ${LATEST};`,
    `  if (latest) ${action('latest')};`,
    '})',
  ];
  return { action: lines.join('\n'), needs };
}
