/** What an update says about its cause. Also for the browser, and for updates of any shape, because people edit them on the page. */
import type { Chat, Update, User } from '@grammyjs/types';

interface Content {
  readonly from?: User;
  readonly user?: User;
  readonly chat?: Chat;
  readonly message?: { readonly chat: Chat };
}

/** Returns the person who caused an update; undefined for one that nobody sends. */
export function personOf(update: Update): User | undefined {
  const { from, user } = contentOf(update);
  return from ?? user;
}

/** Returns the chat in which an update arose; undefined for queries, votes and the like. */
export function chatOf(update: Update): Chat | undefined {
  const { chat, message } = contentOf(update);
  return chat ?? message?.chat;
}

/** Returns the text of the pressed button; undefined if its message is not at hand. */
export function pressedButton({
  message,
  data,
}: NonNullable<Update['callback_query']>): string | undefined {
  const keyboard = message && 'reply_markup' in message ? message.reply_markup : undefined;
  return keyboard?.inline_keyboard
    .flat()
    .find((button) => 'callback_data' in button && button.callback_data === data)?.text;
}

function contentOf(update: Update): Content {
  return Object.entries(update).find(([key]) => key !== 'update_id')?.[1] ?? {};
}
