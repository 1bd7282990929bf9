import type { ChatFullInfo, ChatPermissions, Message, ReactionType } from '@grammyjs/types';
import { badRequest } from '../bot-api-error.ts';
import { storePhoto } from '../person/sent-file.ts';
import { deliverMessage } from '../person/visibility.ts';
import { asReplied, type Dialog, type MessageFields } from '../state/dialog.ts';
import { anyDialogOf } from './business.ts';
import {
  compact,
  dialogOf,
  given,
  isRecord,
  jsonOf,
  type MethodCall,
  type MethodTable,
  messageId,
  namedMessage,
  needRight,
  prefixed,
} from './method.ts';

/** Chats as a whole, and the messages pinned in them. */
export const chatMethods: MethodTable = {
  getChat: (call) => describeChat(call, dialogOf(call, 'read')),
  setChatTitle: (call) => {
    const title = call.parameters.text('title').trim();
    const dialog = groupOf(call, "can't change private chat title");
    if (title === '') throw badRequest('title must be non-empty');
    needRight(call, dialog, 'can_change_info', 'not enough rights to change chat title');
    dialog.rename(title);
    announce(call, dialog, { new_chat_title: title });
    return true;
  },
  setChatDescription: (call) => {
    const dialog = groupOf(call, "can't change private chat description");
    const refusal = 'not enough rights to set chat description';
    needRight(call, dialog, 'can_change_info', refusal);
    const description = call.parameters.text('description');
    if (description === dialog.description) throw badRequest('chat description is not modified');
    dialog.description = description;
    return true;
  },
  setChatPhoto: (call) => {
    const upload = call.parameters.files.get('photo');
    if (!upload) throw badRequest('there is no photo in the request');
    const dialog = groupOf(call, "can't change private chat photo");
    needRight(call, dialog, 'can_change_info', 'not enough rights to change chat photo');
    const photo = storePhoto(call.bot.files, { kind: 'photo', ...upload });
    announce(call, dialog, { new_chat_photo: photo });
    return true;
  },
  deleteChatPhoto: (call) => {
    const dialog = groupOf(call, "can't change private chat photo");
    needRight(call, dialog, 'can_change_info', 'not enough rights to change chat photo');
    announce(call, dialog, { delete_chat_photo: true });
    return true;
  },
  setChatPermissions: (call) => {
    const permissions = readPermissions(call);
    const dialog = groupOf(call, "can't change private chat permissions");
    needRight(call, dialog, 'can_restrict_members', 'not enough rights to change chat permissions');
    dialog.permissions = permissions;
    return true;
  },
  pinChatMessage: (call) => {
    const dialog = anyDialogOf(call, 'write');
    const message = namedMessage(dialog, call.parameters, 'message to pin');
    needRight(call, dialog, 'can_pin_messages', NO_PIN_RIGHT);
    dialog.unpin(message.message_id);
    dialog.pinned.push(message.message_id);
    announce(call, dialog, { pinned_message: asReplied(message) as Message });
    return true;
  },
  unpinChatMessage: (call) => {
    const { parameters } = call;
    const dialog = dialogOf(call, 'write');
    // Client.cpp: TdOnGetChatPinnedMessageToUnpinCallback
    const id = messageId(parameters) || dialog.pinned.at(-1);
    if (id === undefined) throw badRequest('message to unpin not found');
    if (messageId(parameters)) namedMessage(dialog, parameters, 'message to unpin');
    needRight(call, dialog, 'can_pin_messages', NO_PIN_RIGHT);
    dialog.unpin(id);
    return true;
  },
  unpinAllChatMessages: (call) => unpinAll(call, () => true),
  unpinAllForumTopicMessages: (call) => {
    const topic = messageId(call.parameters, 'message_thread_id');
    return unpinAll(call, ({ message_thread_id }) => message_thread_id === topic);
  },
  unpinAllGeneralForumTopicMessages: (call) =>
    unpinAll(call, ({ message_thread_id }) => message_thread_id === undefined),
  setMessageReaction,
};

const NO_PIN_RIGHT = 'not enough rights to manage pinned messages in the chat';

/** Returns a chat that is not private; a private one is refused. */
export function groupOf(call: MethodCall, refusal: string): Dialog {
  const dialog = dialogOf(call, 'write');
  if (dialog.isPrivate) throw badRequest(refusal);
  return dialog;
}

/**
 * Posts a service message about what the bot has done. Telegram delivers these to the bot, unlike its other
 * messages (Client::need_skip_update_message).
 */
export function announce({ bot }: MethodCall, dialog: Dialog, fields: MessageFields): Message {
  const sender = dialog.chat.type === 'channel' ? { sender_chat: dialog.chat } : { from: bot.user };
  const message = dialog.post({ ...sender, ...fields });
  deliverMessage(bot, dialog, message);
  return message;
}

function unpinAll(call: MethodCall, fits: (message: Message) => boolean): true {
  const dialog = dialogOf(call, 'write');
  needRight(call, dialog, 'can_pin_messages', NO_PIN_RIGHT);
  for (const id of [...dialog.pinned]) {
    const message = dialog.find(id);
    if (!message || fits(message)) dialog.unpin(id);
  }
  return true;
}

function describeChat({ bot }: MethodCall, dialog: Dialog): ChatFullInfo {
  const { chat } = dialog;
  const pinned = dialog.pinned.at(-1);
  const invite = [...dialog.members.inviteLinks.values()].find(({ is_primary }) => is_primary);
  return compact({
    ...chat,
    accent_color_id: Math.abs(chat.id) % 7,
    max_reaction_count: 11,
    accepted_gift_types: {
      unlimited_gifts: false,
      limited_gifts: false,
      unique_gifts: false,
      premium_subscription: false,
      gifts_from_channels: false,
    },
    active_usernames: chat.username ? [chat.username] : undefined,
    description: given(dialog.description),
    pinned_message: pinned === undefined ? undefined : dialog.find(pinned),
    permissions: dialog.isPrivate || chat.type === 'channel' ? undefined : permissionsOf(dialog),
    invite_link: dialog.members.can(bot.user, 'can_invite_users') ? invite?.invite_link : undefined,
  }) as ChatFullInfo;
}

const PERMISSIONS = [
  ...['can_send_messages', 'can_send_audios', 'can_send_documents', 'can_send_photos'],
  ...['can_send_videos', 'can_send_video_notes', 'can_send_voice_notes', 'can_send_polls'],
  ...['can_send_other_messages', 'can_add_web_page_previews', 'can_react_to_messages'],
  ...['can_change_info', 'can_invite_users', 'can_edit_tag', 'can_pin_messages'],
  'can_manage_topics',
] as (keyof ChatPermissions)[];

/** Returns all permissions of a chat; what was never set is allowed. */
function permissionsOf({ permissions }: Dialog): ChatPermissions {
  return Object.fromEntries(PERMISSIONS.map((name) => [name, permissions[name] ?? true]));
}

/** Client::get_chat_permissions: what is left out is forbidden. */
export function readPermissions({ parameters }: MethodCall): Required<ChatPermissions> {
  const value = jsonOf(parameters, 'permissions', "can't parse permissions JSON object");
  if (!isRecord(value)) throw badRequest('object expected as permissions');
  return Object.fromEntries(
    PERMISSIONS.map((name) => [name, value[name] === true]),
  ) as unknown as Required<ChatPermissions>;
}

/** Client::get_reaction_types */
function setMessageReaction(call: MethodCall): true {
  const { bot, parameters } = call;
  const refusal = "can't parse reaction types JSON object";
  const values = jsonOf(parameters, 'reaction', refusal) ?? [];
  if (!Array.isArray(values)) throw badRequest('expected an Array of ReactionType');
  const reactions = values.map((value) =>
    prefixed("can't parse ReactionType: ", () => readReaction(value)),
  );
  const dialog = dialogOf(call, 'read');
  const message = namedMessage(dialog, parameters, 'message to react');
  // Telegram's server: bots have one reaction a message, from the emoji that everyone has.
  if (reactions.length > 1) throw badRequest('REACTIONS_TOO_MANY');
  if (reactions.some(({ type, emoji }) => type === 'emoji' && !REACTIONS.has(emoji ?? ''))) {
    throw badRequest('REACTION_INVALID');
  }
  dialog.react(message, bot.user, reactions as ReactionType[]);
  return true;
}

function readReaction(value: unknown): { type: string; emoji?: string } {
  if (!isRecord(value)) throw badRequest('expected an Object');
  const { type, emoji, custom_emoji_id } = value;
  if (type === undefined) throw badRequest('Can\'t find field "type"');
  if (type === 'emoji') {
    if (typeof emoji !== 'string') throw badRequest('Can\'t find field "emoji"');
    return { type, emoji };
  }
  if (type !== 'custom_emoji') throw badRequest('invalid reaction type specified');
  if (custom_emoji_id === undefined) throw badRequest('Can\'t find field "custom_emoji_id"');
  return { type, custom_emoji_id } as { type: string };
}

/** The emoji of ReactionTypeEmoji. */
const REACTIONS = new Set(
  [
    ...['👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯'],
    ...['🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄'],
    ...['☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡'],
  ].flatMap((row) => row.split(' ')),
);
