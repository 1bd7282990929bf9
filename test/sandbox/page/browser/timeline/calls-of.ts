import type { Call, UpdateEntry } from '../../../timeline/entries.ts';

/** Returns all calls that the bot made for an update, in the order of their beginning. */
export function callsOf({ invocations, calls }: UpdateEntry): Call[] {
  return [...invocations.flatMap((invocation) => invocation.calls), ...calls].toSorted(
    (a, b) => a.at - b.at,
  );
}
