import type { Chat, User } from '@grammyjs/types';
import type { UpdateEntry } from '../../../timeline/entries.ts';

interface Content {
  readonly from?: User;
  readonly user?: User;
  readonly chat?: Chat;
  readonly message?: { readonly chat: Chat };
}

/** Returns the person who caused an update. */
export function personOf(entry: UpdateEntry): User | undefined {
  const { from, user } = contentOf(entry);
  return from ?? user;
}

/** Returns the chat in which an update arose; undefined for queries, votes and the like. */
export function chatOf(entry: UpdateEntry): Chat | undefined {
  const { chat, message } = contentOf(entry);
  return chat ?? message?.chat;
}

function contentOf({ update }: UpdateEntry): Content {
  return Object.entries(update).find(([key]) => key !== 'update_id')?.[1] ?? {};
}
