import { isDeepStrictEqual } from 'node:util';
import type { InlineKeyboardMarkup, Message } from '@grammyjs/types';
import { badRequest } from '../bot-api-error.ts';
import { readMarkup } from '../markup.ts';
import type { Dialog, MessageFields } from '../state/dialog.ts';
import { anyDialogOf } from './business.ts';
import { readInputMedia } from './media.ts';
import { readLocation } from './messages.ts';
import {
  dialogOf,
  jsonOf,
  type MethodCall,
  type MethodTable,
  messageId,
  messageIds,
  namedMessage,
  required,
} from './method.ts';
import { refuseLimits } from './sending.ts';
import { captionFields, textFields } from './texts.ts';

export const editMethods: MethodTable = {
  editMessageText: (call) => {
    const text = textFields(call);
    return edit(call, (message) => {
      if (message.text === undefined && !message.game) {
        throw badRequest('there is no text in the message to edit');
      }
      const { text: _, entities, link_preview_options, ...rest } = message;
      return { ...rest, ...text };
    });
  },
  editMessageCaption: (call) => {
    const markup = readInlineMarkup(call);
    const { has_media_spoiler, ...caption } = captionFields(call);
    return editWith(call, markup, (message) => {
      if (!hasCaption(message)) throw badRequest('there is no caption in the message to edit');
      const { caption: _, caption_entities, show_caption_above_media, ...rest } = message;
      return { ...rest, ...caption };
    });
  },
  editMessageMedia: (call) => {
    const markup = readInlineMarkup(call);
    const refusal = "can't parse input media JSON object";
    required(call.parameters, 'media');
    const media = readInputMedia(call, jsonOf(call.parameters, 'media', refusal), false);
    return editWith(call, markup, (message) => ({ ...withoutMedia(message), ...media }));
  },
  editMessageReplyMarkup: (call) => edit(call, (message) => message),
  editMessageLiveLocation: (call) => {
    const location = readLocation(call.parameters);
    return edit(call, (message) => {
      const before = liveLocationOf(message);
      return { ...message, location: { ...before, ...location } };
    });
  },
  stopMessageLiveLocation: (call) =>
    edit(call, (message) => {
      const { live_period, heading, proximity_alert_radius, ...place } = liveLocationOf(message);
      return { ...message, location: place };
    }),
  deleteMessage,
  deleteMessages,
};

/** What an edit makes of a message. Its buttons are handled apart. */
type Change = (message: Message) => Message;

function edit(call: MethodCall, change: Change) {
  return editWith(call, readInlineMarkup(call), change);
}

/**
 * Changes a message of a chat and returns it, or a message of inline mode and returns true. Buttons that the call
 * leaves out are removed, as on Telegram.
 */
function editWith(
  call: MethodCall,
  markup: InlineKeyboardMarkup | undefined,
  change: Change,
): never {
  const { dialog, message, isInline } = editedMessage(call);
  const { reply_markup, edit_date, ...changed } = change(message);
  const edited = { ...changed, ...(markup && { reply_markup: markup }) } as Message;
  const { edit_date: _, ...before } = message;
  if (isDeepStrictEqual(before, edited)) {
    throw badRequest(
      'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
    );
  }
  const result = dialog.replace({ ...edited, edit_date: dialog.now() });
  // The types of the methods differ in the kind of message, which only `change` knows.
  return (isInline ? true : result) as never;
}

function editedMessage(call: MethodCall): { dialog: Dialog; message: Message; isInline: boolean } {
  const { bot, parameters } = call;
  refuseLimits(parameters);
  if (parameters.text('chat_id') === '' && messageId(parameters) === 0) {
    const id = parameters.text('inline_message_id');
    if (id === '') throw badRequest('message identifier is not specified');
    const known = bot.inlineMessages.get(id);
    const message = known?.dialog.find(known.messageId);
    if (!known || !message) throw badRequest('MESSAGE_ID_INVALID');
    return { dialog: known.dialog, message, isInline: true };
  }
  const dialog = anyDialogOf(call, 'edit');
  const message = namedMessage(dialog, parameters, 'message to edit');
  if (!isEditable(call, dialog, message)) throw badRequest("message can't be edited");
  return { dialog, message, isInline: false };
}

/** MessagesManager::can_edit_message, for a bot: its own messages, and all posts of a channel it may edit. */
function isEditable({ bot }: MethodCall, dialog: Dialog, message: Message): boolean {
  const authors = [message.from, message.via_bot, message.sender_business_bot];
  if (authors.some((author) => author?.id === bot.id)) {
    return !message.forward_origin && !message.dice;
  }
  return dialog.chat.type === 'channel' && dialog.members.isAdministrator(bot.user);
}

/** Edits take inline keyboards only (ReplyMarkup.cpp: get_inline_reply_markup). */
function readInlineMarkup({ parameters }: MethodCall): InlineKeyboardMarkup | undefined {
  const markup = readMarkup(parameters, { onlyInline: true });
  return markup && 'inline_keyboard' in markup ? markup : undefined;
}

const MEDIA = ['animation', 'audio', 'document', 'photo', 'video', 'voice'] as const;

function hasCaption(message: Message): boolean {
  return MEDIA.some((kind) => message[kind] !== undefined) || message.paid_media !== undefined;
}

/** Text can become media too; what was there goes with its caption. */
function withoutMedia(message: Message): Message {
  const { animation, audio, document, photo, video, text, entities, ...rest } = message;
  if (message.voice || message.video_note || message.sticker || message.poll || message.location) {
    throw badRequest("message media can't be edited");
  }
  const { caption, caption_entities, has_media_spoiler, show_caption_above_media, ...kept } = rest;
  return kept as Message;
}

function liveLocationOf(message: Message): NonNullable<MessageFields['location']> {
  // MessagesManager::edit_message_live_location
  if (!message.location) throw badRequest('there is no live location in the message to edit');
  if (!message.location.live_period) throw badRequest("message can't be edited");
  return message.location;
}

/** MessagesManager::delete_messages */
function deleteMessage(call: MethodCall): true {
  const { parameters } = call;
  if (parameters.text('chat_id') === '') throw badRequest('chat identifier is not specified');
  if (messageId(parameters) === 0) throw badRequest('message identifier is not specified');
  const dialog = dialogOf(call, 'write');
  const message = namedMessage(dialog, parameters, 'message to delete');
  if (!isDeletable(call, dialog, message)) throw badRequest("message can't be deleted");
  dialog.delete(message.message_id);
  return true;
}

/** Missing messages are passed over. */
function deleteMessages(call: MethodCall): true {
  const ids = messageIds(call.parameters);
  const dialog = dialogOf(call, 'write');
  const messages = ids.map((id) => dialog.find(id)).filter((message) => message !== undefined);
  if (!messages.every((message) => isDeletable(call, dialog, message))) {
    throw badRequest("message can't be deleted");
  }
  for (const { message_id } of messages) dialog.delete(message_id);
  return true;
}

function isDeletable({ bot }: MethodCall, dialog: Dialog, message: Message): boolean {
  if (dialog.isPrivate || message.from?.id === bot.id) return true;
  return dialog.members.can(bot.user, 'can_delete_messages');
}
