import type { Message } from '@grammyjs/types';
import type { TimelineEntry } from '../../timeline/entries.ts';
import { MAX_ENTRIES, type PageEvent, type PageState, type PlaceView } from '../protocol.ts';

/**
 * Returns the page's state after an event. Whatever the event does not change stays the same object, so that it is not
 * drawn again. Events before the first snapshot change nothing; notices and alerts never do: they are shown and forgotten.
 */
export function stateAfter(state: PageState | undefined, event: PageEvent): PageState | undefined {
  if (event.type === 'snapshot') return event.state;
  if (!state) return undefined;
  switch (event.type) {
    case 'bot':
      return { ...state, bots: put(state.bots, event.bot, ({ id }) => id) };
    case 'stacks':
      return { ...state, stacks: event.stacks };
    case 'place':
      return { ...state, places: putPlace(state.places, event.place) };
    case 'message':
      return inPlace(state, event.placeId, (messages) =>
        put(messages, event.message, ({ message_id }) => message_id),
      );
    case 'message deleted':
      return inPlace(state, event.placeId, (messages) =>
        messages.filter(({ message_id }) => message_id !== event.messageId),
      );
    case 'entry':
      return { ...state, entries: putEntry(state.entries, event.entry) };
    case 'problem':
      return { ...state, problem: event.problem };
    case 'notice':
    case 'alert':
      return state;
  }
}

/** Replaces the item with the same key, or adds it at the end. Looks from the end, where changes happen. */
function put<T>(items: readonly T[], item: T, keyOf: (item: T) => unknown): readonly T[] {
  const key = keyOf(item);
  const index = items.findLastIndex((each) => keyOf(each) === key);
  return index === -1 ? [...items, item] : items.with(index, item);
}

function putEntry(entries: readonly TimelineEntry[], entry: TimelineEntry) {
  return put(entries, entry, ({ key }) => key).slice(-MAX_ENTRIES);
}

function putPlace(places: readonly PlaceView[], place: PlaceView): readonly PlaceView[] {
  const known = places.find(({ id }) => id === place.id);
  return put(places, known ? { ...place, messages: known.messages } : place, ({ id }) => id);
}

function inPlace(
  state: PageState,
  placeId: string,
  change: (messages: readonly Message[]) => readonly Message[],
): PageState {
  const places = state.places.map((place) =>
    place.id === placeId ? { ...place, messages: change(place.messages) } : place,
  );
  return { ...state, places };
}
