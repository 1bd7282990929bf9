import type { Call, Invocation, UpdateEntry } from '../timeline/entries.ts';
import type { RecordingCall, RecordingUpdate } from './recording.ts';

/**
 * Returns what a recording keeps of an update: the last attempt that has ended. Earlier ones may have run older code.
 *
 * @param bot path of the bot's construct
 */
export function lastAttempt(entry: UpdateEntry, bot: string): RecordingUpdate {
  const { update, status, deliveries, queue } = entry;
  const attempts = queue ? queue.attempts : deliveries.length;
  const isHandled = status === 'handled';
  const calls = [...(lastInvocation(entry)?.calls ?? []), ...entry.calls];
  return {
    ...{ bot, update },
    ...(!isHandled && { failed: problemOf(entry) }),
    ...(isHandled && attempts > 1 && { attempts }),
    calls: calls.map((call, index) => recordCall(call, calls.slice(0, index))),
  };
}

/** Returns whether nothing is left to do for an update. */
export function isDone({ status }: UpdateEntry): boolean {
  return status === 'handled' || status === 'dropped' || status === 'dead letter';
}

/** Returns whether an attempt has failed, also while there is another one. */
export function hasFailed({ status, deliveries, queue }: UpdateEntry): boolean {
  const attempts = queue?.attempts ?? 0;
  return (
    status === 'failing' || attempts > 1 || deliveries.some(({ problem }) => problem !== undefined)
  );
}

function lastInvocation({ invocations }: UpdateEntry): Invocation | undefined {
  return invocations.findLast(({ durationMs }) => durationMs !== undefined);
}

function problemOf(entry: UpdateEntry): string {
  const { error } = lastInvocation(entry) ?? {};
  if (error) {
    const { type, message, source } = error;
    return `${type}: ${message}${source ? ` at ${source.file}:${source.line}` : ''}`;
  }
  const problems = entry.deliveries.flatMap(({ problem }) => problem ?? []);
  return problems.at(-1) ?? 'the bot did not finish it';
}

function recordCall(
  { at, method, via, parameters, answer }: Call,
  earlier: readonly Call[],
): RecordingCall {
  const isParallel = earlier.some((other) => other.at + (other.durationMs ?? Infinity) > at);
  return {
    ...{ method, via, parameters: comparable(parameters), answer },
    ...(isParallel && { isParallel }),
  };
}

type Fields = Readonly<Record<string, unknown>>;

const ATTACHED = 'attach://';

/**
 * Returns parameters in a form in which equal calls are equal: files stand where they are attached, because libraries make
 * up the names of the attachments, and the name of the method in a webhook reply is gone.
 */
export function comparable(parameters: Fields): Fields {
  const used = new Set(['method']);
  const attach = (value: unknown): unknown => {
    if (typeof value === 'string' && value.startsWith(ATTACHED)) {
      const name = value.slice(ATTACHED.length);
      if (!(name in parameters)) return value;
      used.add(name);
      return parameters[name];
    }
    if (Array.isArray(value)) return value.map(attach);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, attach(inner)]));
  };
  const attached = Object.entries(parameters).map(
    ([name, value]) => [name, attach(value)] as const,
  );
  return Object.fromEntries(attached.filter(([name]) => !used.has(name)));
}
