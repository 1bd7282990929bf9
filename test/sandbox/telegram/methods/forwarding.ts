import type { Message, MessageId, MessageOrigin } from '@grammyjs/types';
import { badRequest } from '../bot-api-error.ts';
import type { MessageFields } from '../state/dialog.ts';
import {
  dialogOf,
  type MethodCall,
  type MethodTable,
  messageIds,
  namedMessage,
  required,
} from './method.ts';
import { type Destination, destinationOf, sendTo } from './sending.ts';
import { captionFields } from './texts.ts';

export const forwardingMethods: MethodTable = {
  forwardMessage: (call) => {
    const message = sourceOf(call, 'message to forward');
    return sendTo(call, destinationOf(call), forwarded(message));
  },
  forwardMessages: (call) => sendAll(call, forwarded),
  copyMessage: (call) => {
    const caption = call.parameters.has('caption') ? captionFields(call) : undefined;
    const message = sourceOf(call, 'message to copy');
    const { message_id } = sendTo<Message>(call, destinationOf(call), copied(message, caption));
    return { message_id };
  },
  copyMessages: (call) => {
    const caption = call.parameters.flag('remove_caption') ? {} : undefined;
    return sendAll(call, (message) => copied(message, caption));
  },
};

function sourceOf(call: MethodCall, what: string): Message {
  required(call.parameters, 'from_chat_id');
  return namedMessage(dialogOf(call, 'read', 'from_chat_id'), call.parameters, what);
}

/** Messages that are missing or cannot be forwarded are passed over, unless all of them are. */
function sendAll(call: MethodCall, fieldsOf: (message: Message) => MessageFields): MessageId[] {
  const { parameters } = call;
  required(parameters, 'from_chat_id');
  const ids = messageIds(parameters);
  const destination: Destination = destinationOf(call);
  const source = dialogOf(call, 'read', 'from_chat_id');
  const messages = ids
    .map((id) => source.find(id))
    .filter((message) => message !== undefined && isForwardable(message)) as Message[];
  if (messages.length === 0) throw badRequest('there are no messages to forward');
  return messages.map((message) => {
    const { message_id } = sendTo<Message>(call, destination, fieldsOf(message));
    return { message_id };
  });
}

function forwarded(message: Message): MessageFields {
  if (!isForwardable(message)) throw badRequest("the message can't be forwarded");
  return { ...contentOf(message), forward_origin: message.forward_origin ?? originOf(message) };
}

/** @param caption replaces the one of the message */
function copied(message: Message, caption: MessageFields | undefined): MessageFields {
  if (!isForwardable(message) || message.invoice) throw badRequest("the message can't be copied");
  const { forward_origin, ...content } = contentOf(message);
  if (!caption) return content;
  const { caption: _, caption_entities, ...rest } = content;
  return { ...rest, ...caption };
}

function originOf({ from, sender_chat, chat, date, message_id }: Message): MessageOrigin {
  if (chat.type === 'channel') return { type: 'channel', date, chat, message_id };
  if (from) return { type: 'user', date, sender_user: from };
  return { type: 'chat', date, sender_chat: sender_chat ?? chat };
}

/** The fields that belong to a message's place and time, not to what it says. */
function contentOf(message: Message): MessageFields {
  const { message_id, chat, date, from, sender_chat, edit_date, ...content } = message;
  const {
    reply_to_message,
    external_reply,
    quote,
    media_group_id,
    message_thread_id,
    is_topic_message,
    reply_markup,
    via_bot,
    has_protected_content,
    ...rest
  } = content;
  return rest;
}

const SERVICE_FIELDS = [
  ...['new_chat_members', 'left_chat_member', 'new_chat_title', 'new_chat_photo'],
  ...['delete_chat_photo', 'pinned_message', 'successful_payment', 'refunded_payment'],
  ...['web_app_data', 'forum_topic_created', 'forum_topic_edited', 'forum_topic_closed'],
  ...['forum_topic_reopened', 'general_forum_topic_hidden', 'general_forum_topic_unhidden'],
];

/** Service messages and protected messages stay where they are. */
function isForwardable(message: Message): boolean {
  return !message.has_protected_content && !SERVICE_FIELDS.some((field) => field in message);
}
