import type { Message } from '@grammyjs/types';
import type { Call, UpdateEntry } from '../../../timeline/entries.ts';

/** Returns all calls that the bot made for an update, in the order of their beginning. */
export function callsOf({ invocations, calls }: UpdateEntry): Call[] {
  return [...invocations.flatMap((invocation) => invocation.calls), ...calls].toSorted(
    (a, b) => a.at - b.at,
  );
}

/** Returns the messages that a call has sent or changed: an album is several, and most methods have none. */
export function messagesOf({ answer }: Call): Partial<Message>[] {
  if (!answer?.ok) return [];
  return [answer.result].flat().filter((result) => isMessage(result));
}

function isMessage(value: unknown): value is Partial<Message> {
  return typeof value === 'object' && value !== null && 'message_id' in value && 'chat' in value;
}
