import type { Call, Invocation, TimelineEntry } from '../../../timeline/entries.ts';

/** Whether anything went wrong on the way of an entry: a later success does not undo it. */
export function hasFailed(entry: TimelineEntry): boolean {
  if (entry.kind === 'invocation') return invocationFailed(entry.invocation);
  return (
    ['failing', 'dropped', 'dead letter'].includes(entry.status) ||
    entry.deliveries.some(({ problem }) => problem !== undefined) ||
    entry.invocations.some(invocationFailed) ||
    entry.calls.some(callFailed)
  );
}

function invocationFailed({ error, calls }: Invocation): boolean {
  return error !== undefined || calls.some(callFailed);
}

function callFailed({ answer }: Call): boolean {
  return answer?.ok === false;
}
