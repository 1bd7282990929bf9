import type { Chat, Message, PollAnswer } from '@grammyjs/types';
import { chatOf, personOf, pressedButton } from '../../../telegram/update-content.ts';
import type { UpdateEntry } from '../../../timeline/entries.ts';
import { callsOf, messagesOf } from './calls-of.ts';
import { asCode } from './code.ts';

/** What a test does for one update. */
export interface TestStep {
  /** Code of the promise that a chat returns. */
  readonly action: string;
  /** Whether the promise is that of a press, which has more than messages. */
  readonly isPress?: true;
  /** A statement that has to come first. */
  readonly before?: string;
  /** The update that led to what this one refers to: the test begins with it. */
  readonly source?: UpdateEntry;
  /** Where it happens. @default - the private chat with the bot */
  readonly chat?: Chat;
}

type StepOrReason = TestStep | string;

const NO_SOURCE =
  'The update refers to a message that no update of this person in the timeline has led to.';
const NO_ACTION = 'chatWith has no action that causes such an update: copy it as curl instead.';

/**
 * Returns the step that makes a person cause such an update, or the reason why `chatWith` has none.
 *
 * @param earlier the updates before it, the oldest first
 */
export function stepOf(entry: UpdateEntry, earlier: readonly UpdateEntry[]): StepOrReason {
  const { botId } = entry;
  const person = personOf(entry.update)?.id;
  const known = earlier.filter((one) => one.botId === botId && personOf(one.update)?.id === person);
  const step = stepIn(entry, known);
  if (typeof step === 'string') return step;
  const chat = step.chat ?? chatOf(entry.update);
  if (chat?.type === 'channel') return 'chatWith has no channels: copy it as curl instead.';
  return { ...step, chat };
}

function stepIn(entry: UpdateEntry, known: readonly UpdateEntry[]): StepOrReason {
  const { update } = entry;
  const { message, edited_message, callback_query, message_reaction, my_chat_member } = update;
  const { poll_answer, shipping_query, pre_checkout_query, inline_query } = update;
  const chatId = chatOf(entry.update)?.id;
  const payment = shipping_query ?? pre_checkout_query;
  if (message) return messageStep(message, known);
  if (edited_message) return editStep(edited_message, known);
  if (callback_query?.message) {
    const button = pressedButton(callback_query);
    return button === undefined
      ? 'The pressed button is no longer below its message.'
      : on(sentMessage(callback_query.message, known), () => press(button));
  }
  if (message_reaction) {
    const emoji = message_reaction.new_reaction.flatMap((each) =>
      'emoji' in each ? each.emoji : [],
    );
    const reactions = emoji.map((each) => `, ${asCode(each)}`).join('');
    const { message_id, chat } = message_reaction;
    return on(sentMessage({ message_id, chat }, known), () =>
      onLatest(FROM_BOT, (latest) => `person.react(${latest}${reactions})`),
    );
  }
  if (poll_answer) return voteStep(poll_answer, known);
  if (payment) {
    const invoice = findSent(known, ({ invoice }, { parameters }) =>
      Boolean(invoice && parameters.payload === payment.invoice_payload),
    );
    return on(invoice, ({ reply_markup }) => {
      const pay = reply_markup?.inline_keyboard.flat().find((button) => 'pay' in button);
      return press(pay?.text ?? 'Pay');
    });
  }
  if (my_chat_member && chatId === personOf(entry.update)?.id) {
    const block = does('person.block()');
    return my_chat_member.new_chat_member.status === 'kicked'
      ? block
      : { ...does('person.unblock()'), before: `await ${block.action};` };
  }
  if (inline_query) return does(`void person.inlineQuery(${asCode(inline_query.query)})`);
  return NO_ACTION;
}

function messageStep(message: Message, known: readonly UpdateEntry[]): StepOrReason {
  const { reply_to_message: replied, is_topic_message } = message;
  if (is_topic_message) return 'chatWith has no topics: copy it as curl instead.';
  const text = message.text?.replace(/^(\/\w+)@\w+/, '$1');
  if (replied?.from?.is_bot) {
    if (text === undefined) return 'chatWith replies with a text only.';
    return on(sentMessage({ ...replied, chat: message.chat }, known), () =>
      onLatest(FROM_BOT, (latest) => `person.reply(${latest}, ${asCode(text)})`),
    );
  }
  if (text !== undefined) return { action: `chat.say(${asCode(text)})` };
  return does(`person.${sending(message)}`);
}

/** A message may have been edited before. */
function editStep(edited: Message, known: readonly UpdateEntry[]): StepOrReason {
  const { message_id, chat, text, caption } = edited;
  const source = known.findLast(({ update: { message, edited_message } }) => {
    const own = message ?? edited_message;
    return own?.message_id === message_id && own.chat.id === chat.id;
  });
  return source ? { action: `chat.edit(${asCode(text ?? caption ?? '')})`, source } : NO_SOURCE;
}

function voteStep(
  { poll_id, option_ids }: PollAnswer,
  known: readonly UpdateEntry[],
): StepOrReason {
  const sent = findSent(known, ({ poll }) => poll?.id === poll_id);
  return on(sent, ({ poll }) => {
    const texts = option_ids.flatMap((id) => poll?.options[id]?.text ?? []);
    const votes = texts.map((text) => `, ${asCode(text)}`).join('');
    return onLatest('({ poll }) => poll', (latest) => `person.vote(${latest}${votes})`);
  });
}

interface SentMessage {
  readonly message: Partial<Message>;
  readonly source: UpdateEntry;
}

/** Finds the latest update for which the bot sent or changed a message. */
function findSent(
  known: readonly UpdateEntry[],
  isIt: (message: Partial<Message>, call: ReturnType<typeof callsOf>[number]) => boolean,
): SentMessage | undefined {
  const sent = known.flatMap((source) =>
    callsOf(source).flatMap((call) =>
      messagesOf(call).flatMap((message) => (isIt(message, call) ? { message, source } : [])),
    ),
  );
  return sent.at(-1);
}

function sentMessage(
  { message_id, chat }: Pick<Message, 'message_id' | 'chat'>,
  known: readonly UpdateEntry[],
): SentMessage | undefined {
  return findSent(known, (one) => one.message_id === message_id && one.chat?.id === chat.id);
}

/** Returns the step that refers to a message, if that is known. */
function on(
  sent: SentMessage | undefined,
  step: (message: Partial<Message>) => TestStep,
): StepOrReason {
  if (!sent) return NO_SOURCE;
  const { message, source } = sent;
  return { ...step(message), source, chat: message.chat };
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

function press(button: string): TestStep {
  return { action: `chat.press(${asCode(button)})`, isPress: true };
}

const FROM_BOT = '({ from }) => from?.is_bot';

/** @param which code of a function that finds the message among those of the chat */
function onLatest(which: string, action: (latest: string) => string): TestStep {
  const lines = [
    'chat.does((person) => {',
    `  const latest = person.messages.findLast(${which});`,
    `  if (latest) ${action('latest')};`,
    '})',
  ];
  return { action: lines.join('\n') };
}
