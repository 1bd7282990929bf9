import type { Message } from '@grammyjs/types';
import type { Bot } from '../bot.ts';
import type { Dialog } from '../state/dialog.ts';
import type { NewUpdate } from '../update-types.ts';

/** Delivers a message to the bot as an update, unless the bot may not see it. */
export function deliverMessage(bot: Bot, dialog: Dialog, message: Message): void {
  if (!isVisible(bot, dialog, message)) return;
  if (dialog.business) bot.receive({ business_message: message } as NewUpdate);
  else if (dialog.chat.type === 'channel') bot.receive({ channel_post: message } as NewUpdate);
  else bot.receive({ message } as NewUpdate);
}

export function deliverEdit(bot: Bot, dialog: Dialog, message: Message): void {
  if (!isVisible(bot, dialog, message)) return;
  if (dialog.business) bot.receive({ edited_business_message: message } as NewUpdate);
  else if (dialog.chat.type === 'channel') {
    bot.receive({ edited_channel_post: message } as NewUpdate);
  } else bot.receive({ edited_message: message } as NewUpdate);
}

/**
 * Returns whether the bot sees a message. In privacy mode, a bot that is no administrator sees in groups only
 * commands, mentions of its name, replies to its messages, messages sent through it, and service messages.
 */
function isVisible(bot: Bot, dialog: Dialog, message: Message): boolean {
  const { user } = bot;
  if (dialog.isPrivate) return true;
  if (!dialog.members.has(user)) return false;
  if (user.can_read_all_group_messages || dialog.members.isAdministrator(user)) return true;
  if (dialog.chat.type === 'channel') return true;
  if (message.reply_to_message?.from?.id === user.id || message.via_bot?.id === user.id)
    return true;
  const { text = message.caption, entities = message.caption_entities } = message;
  if (text === undefined) return isService(message);
  const name = `@${user.username.toLowerCase()}`;
  return (entities ?? []).some(({ type, offset, length }) => {
    const marked = text.slice(offset, offset + length).toLowerCase();
    if (type === 'mention') return marked === name;
    return type === 'bot_command' && (!marked.includes('@') || marked.endsWith(name));
  });
}

/** The fields of a message that a member has sent; service messages have none of them. */
const CONTENTS = [
  ...['animation', 'audio', 'contact', 'dice', 'document', 'game', 'location', 'photo', 'poll'],
  ...['sticker', 'venue', 'video', 'video_note', 'voice'],
];

function isService(message: Message): boolean {
  return !CONTENTS.some((field) => field in message);
}
