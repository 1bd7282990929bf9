import type { Message, User } from '@grammyjs/types';

/** The content of a message, without what every message has. */
export type Content = Omit<Partial<Message>, 'chat' | 'from' | 'message_id' | 'date'>;

/** Returns a person's own contact. The number is one of those that are reserved for fiction. */
export function contactMessage({ id, first_name }: User): Content {
  return { contact: { phone_number: '+12025550123', first_name, user_id: id } };
}

export function locationMessage(latitude: number, longitude: number): () => Content {
  return () => ({ location: { latitude, longitude } });
}
