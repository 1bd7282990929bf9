import type { Message, ReplyParameters, User } from '@grammyjs/types';
import { BotApiError, badRequest, SandboxLimit } from '../bot-api-error.ts';
import { formatText } from '../formatting/index.ts';
import { type MarkupOptions, type ReplyMarkup, readMarkup } from '../markup.ts';
import type { Parameters } from '../parameters.ts';
import { asReplied, type Dialog, type MessageFields } from '../state/dialog.ts';
import { GENERAL_TOPIC_ID } from '../state/topics.ts';
import { anyDialogOf } from './business.ts';
import { integerOf, isRecord, jsonOf, type MethodCall, messageId } from './method.ts';

/** Parameters that change the meaning of a call, and that the sandbox cannot honour. */
const LIMITS = {
  direct_messages_topic_id: 'direct messages of channels',
  ephemeral_message_parameters: 'ephemeral messages',
  suggested_post_parameters: 'suggested posts',
};

/** Refuses parameters that would make the sandbox do something else than Telegram. */
export function refuseLimits(parameters: Parameters): void {
  for (const [name, what] of Object.entries(LIMITS)) {
    if (parameters.text(name) !== '') throw new SandboxLimit(`${what} (${name})`);
  }
}

/** Where and how a message is to be sent, read from the parameters that all sending methods share. */
export interface Destination {
  readonly dialog: Dialog;
  readonly fields: MessageFields;
  readonly markup: ReplyMarkup | undefined;
}

/** Sends a message with some content (Client::do_send_message). */
export function send<M extends Message>(call: MethodCall, content: MessageFields): M {
  return sendTo(call, destinationOf(call), content);
}

export function sendTo<M extends Message>(
  { bot }: MethodCall,
  { dialog, fields, markup }: Destination,
  content: MessageFields,
): M {
  return dialog.post({ ...senderOf(dialog, bot.user), ...fields, ...content }, markup) as M;
}

function senderOf(dialog: Dialog, user: User): MessageFields {
  if (dialog.business) return { from: dialog.business.owner, sender_business_bot: user };
  return dialog.chat.type === 'channel' ? { sender_chat: dialog.chat } : { from: user };
}

/** Reads the common parameters in Telegram's order; the content has been read before. */
export function destinationOf(call: MethodCall, options: MarkupOptions = {}): Destination {
  const { bot, parameters } = call;
  refuseLimits(parameters);
  const reply = readReply(parameters);
  // Before the chat is checked, its kind decides which buttons make sense.
  const privateChat = bot.findDialog(parameters.text('chat_id'))?.isPrivate ?? true;
  const markup = readMarkup(parameters, { privateChat, ...options });
  const dialog = anyDialogOf(call, 'write');
  const topic = topicOf(call, dialog);
  const replied = replyFields(call, dialog, reply);
  checkWritable(call, dialog);
  const effect = parameters.text('message_effect_id');
  return {
    dialog,
    markup,
    fields: {
      ...topic,
      ...replied,
      ...(parameters.flag('protect_content') && { has_protected_content: true }),
      ...(effect && { effect_id: effect }),
    },
  };
}

/** Refuses messages to people who have blocked the bot, and to chats where it may not write. */
export function checkWritable({ bot }: MethodCall, dialog: Dialog): void {
  if (dialog.blocked) throw new BotApiError(403, 'Forbidden: bot was blocked by the user');
  if (dialog.isPrivate || dialog.members.isAdministrator(bot.user)) return;
  // DialogManager::can_send_message_to_dialog
  if (dialog.chat.type === 'channel') {
    throw badRequest('need administrator rights in the channel chat');
  }
  const member = dialog.members.of(bot.user);
  const mayWrite = member.status === 'restricted' ? member.can_send_messages : true;
  if (!mayWrite || dialog.permissions.can_send_messages === false) {
    throw badRequest('not enough rights to send text messages to the chat');
  }
}

/** Client::check_message_topic */
function topicOf({ bot, parameters }: MethodCall, dialog: Dialog): MessageFields {
  const id = integerOf(parameters, 'message_thread_id');
  if (id === 0 || !dialog.chat.is_forum) return {};
  const topic = dialog.topics.find(id);
  if (!topic || id === GENERAL_TOPIC_ID) throw badRequest('message thread not found');
  if (topic.isClosed && !dialog.members.can(bot.user, 'can_manage_topics'))
    throw badRequest('TOPIC_CLOSED');
  return { message_thread_id: id, is_topic_message: true };
}

interface WantedReply extends ReplyParameters {
  readonly message_id: number;
}

/** Client::get_reply_parameters; `reply_to_message_id` is how older libraries say it. */
function readReply(parameters: Parameters): WantedReply | undefined {
  if (!parameters.has('reply_parameters')) {
    const id = messageId(parameters, 'reply_to_message_id');
    const allow_sending_without_reply = parameters.flag('allow_sending_without_reply');
    return id > 0 ? { message_id: id, allow_sending_without_reply } : undefined;
  }
  const refusal = "can't parse reply parameters JSON object";
  const value = jsonOf(parameters, 'reply_parameters', refusal);
  if (value === undefined) return undefined;
  if (!isRecord(value)) throw badRequest('object expected as reply parameters');
  const id = Number(value.message_id ?? 0);
  return id > 0 ? { ...value, message_id: id } : undefined;
}

/** Client::check_reply_parameters */
function replyFields(
  call: MethodCall,
  dialog: Dialog,
  reply: WantedReply | undefined,
): MessageFields {
  if (!reply) return {};
  const elsewhere = reply.chat_id !== undefined && call.bot.findDialog(String(reply.chat_id));
  const source = elsewhere || dialog;
  const message = source.find(reply.message_id);
  if (!message) {
    if (reply.allow_sending_without_reply) return {};
    throw badRequest('message to be replied not found');
  }
  const quote = reply.quote ? { quote: quoteOf(message, reply) } : {};
  if (source === dialog) return { reply_to_message: asReplied(message), ...quote };
  const { from, sender_chat, chat, date } = message;
  return {
    external_reply: {
      origin: from
        ? { type: 'user', date, sender_user: from }
        : { type: 'chat', date, sender_chat: sender_chat ?? chat },
      chat,
      message_id: message.message_id,
    },
    ...quote,
  };
}

function quoteOf(message: Message, reply: WantedReply): NonNullable<Message['quote']> {
  const { text, entities } = formatText({
    text: reply.quote ?? '',
    parseMode: reply.quote_parse_mode,
    entities: reply.quote_entities,
  });
  const position = (message.text ?? message.caption ?? '').indexOf(text);
  if (position < 0) throw badRequest('QUOTE_TEXT_INVALID');
  return {
    text,
    ...(entities.length > 0 && { entities }),
    position: reply.quote_position ?? position,
    is_manual: true,
  };
}
