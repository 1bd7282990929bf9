import type { PlaceView } from '../../protocol.ts';

/** Names a place in a list of places: by who chats, and in which group. */
export function placeName({ chat, person }: PlaceView): string {
  return chat.type === 'private' ? person.first_name : `${chat.title} (as ${person.first_name})`;
}
