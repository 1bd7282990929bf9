import { isDeepStrictEqual } from 'node:util';
import type { Ignored } from './ignored.ts';
import type { RecordingCall, RecordingUpdate } from './recording.ts';

/** What the present code does differently for one update. */
export interface UpdateDifference {
  /** Why it fails now, although it did not when it was recorded. */
  readonly failsNow?: string;
  /** Why it failed when it was recorded, although it does not now. */
  readonly failedThen?: string;
  readonly calls: readonly CallDifference[];
}

export type CallDifference =
  | {
      readonly kind: 'changed';
      readonly method: string;
      readonly parameters: readonly ParameterDifference[];
    }
  | { readonly kind: 'added' | 'missing'; readonly call: RecordingCall }
  /** The positions among the calls of the update, counted from 1. */
  | {
      readonly kind: 'moved';
      readonly call: RecordingCall;
      readonly was: number;
      readonly is: number;
    };

export interface ParameterDifference {
  /** The parameter's name, or the path of a field in it: `reply_markup.inline_keyboard.0.0.text`. */
  readonly path: string;
  /** Undefined for a parameter that was not there. */
  readonly was: unknown;
  /** Undefined for a parameter that is not there any more. */
  readonly is: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

interface Placed {
  readonly call: RecordingCall;
  /** Counted from 1. */
  readonly position: number;
  /** Positions of the calls that ran at the same time. */
  readonly first: number;
  readonly last: number;
}

/**
 * Compares what a bot did for an update with what it does now. An update that failed and still fails is unchanged if its
 * calls are. How a call travels (`via`) is no difference: the person sees the same.
 *
 * @returns undefined if nothing has changed
 */
export function compareUpdates(
  before: RecordingUpdate,
  now: RecordingUpdate,
  ignored: Ignored,
): UpdateDifference | undefined {
  const calls = compareCalls(before.calls, now.calls, ignored);
  const hasOutcomeChanged = (before.failed === undefined) !== (now.failed === undefined);
  if (!hasOutcomeChanged && calls.length === 0) return undefined;
  return {
    calls,
    ...(hasOutcomeChanged &&
      (now.failed === undefined ? { failedThen: before.failed } : { failsNow: now.failed })),
  };
}

/**
 * Returns the differences in the order of the present calls, then the missing ones. Calls that ran at the same time are
 * compared without their order.
 */
export function compareCalls(
  before: readonly RecordingCall[],
  now: readonly RecordingCall[],
  ignored: Ignored,
): CallDifference[] {
  const was = placed(before, ignored);
  const is = placed(now, ignored);
  const same = (one: Placed, other: Placed) => isSameCall(one.call, other.call, ignored);
  const unmoved = commonSequence(was, is, same);
  const leftBefore = without(
    was,
    unmoved.map(([one]) => one),
  );
  const leftNow = without(
    is,
    unmoved.map(([, other]) => other),
  );
  const moved = pair(leftBefore, leftNow, (one, other) => (same(one, other) ? 1 : 0)).filter(
    ([one, other]) => hasMoved(one, other),
  );
  const changed = pair(leftBefore, leftNow, (one, other) =>
    one.call.method === other.call.method ? 1 + similarity(one.call, other.call) : 0,
  );
  const found: { readonly at: number; readonly difference: CallDifference }[] = [
    ...moved.map(([one, other]) => ({
      at: other.position,
      difference: {
        ...{ kind: 'moved' as const, call: other.call },
        ...{ was: one.position, is: other.position },
      },
    })),
    ...changed.map(([one, other]) => ({
      at: other.position,
      difference: {
        ...{ kind: 'changed' as const, method: other.call.method },
        parameters: compareParameters(one.call, other.call, ignored),
      },
    })),
    ...leftNow.map(({ call, position }) => ({
      at: position,
      difference: { kind: 'added' as const, call },
    })),
  ];
  found.sort((one, other) => one.at - other.at);
  return [
    ...found.map(({ difference }) => difference),
    ...leftBefore.map(({ call }) => ({ kind: 'missing' as const, call })),
  ];
}

/** Returns whether two calls do the same. */
export function isSameCall(one: RecordingCall, other: RecordingCall, ignored: Ignored): boolean {
  return one.method === other.method && compareParameters(one, other, ignored).length === 0;
}

function compareParameters(
  before: RecordingCall,
  now: RecordingCall,
  ignored: Ignored,
): ParameterDifference[] {
  return compareFields('', before.parameters, now.parameters, (path) =>
    ignored.hasParameter(now.method, path),
  );
}

/** Returns the smallest fields that differ. */
function compareFields(
  prefix: string,
  before: Fields,
  now: Fields,
  isIgnored: (path: string) => boolean,
): ParameterDifference[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...names].flatMap((name) => {
    const path = prefix + name;
    const was = before[name];
    const is = now[name];
    if (isIgnored(path) || isDeepStrictEqual(was, is)) return [];
    return haveSameForm(was, is)
      ? compareFields(`${path}.`, was as Fields, is as Fields, isIgnored)
      : [{ path, was, is }];
  });
}

/** Returns whether two values are objects, or lists of the same length. */
function haveSameForm(one: unknown, other: unknown): boolean {
  if (Array.isArray(one)) return Array.isArray(other) && one.length === other.length;
  return isObject(one) && isObject(other);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns how many parameters are the same. */
function similarity(one: RecordingCall, other: RecordingCall): number {
  return Object.entries(one.parameters).filter(([name, value]) =>
    isDeepStrictEqual(value, other.parameters[name]),
  ).length;
}

/** Numbers the calls that count. */
function placed(calls: readonly RecordingCall[], ignored: Ignored): Placed[] {
  const counted = calls.filter(({ method }) => !ignored.hasMethod(method));
  return counted.map((call, index) => {
    let first = index;
    while (first > 0 && counted[first]?.isParallel) first--;
    let last = index;
    while (counted[last + 1]?.isParallel) last++;
    return { call, position: index + 1, first: first + 1, last: last + 1 };
  });
}

/** Returns whether a call has left its place, and not only those that ran at the same time. */
function hasMoved(was: Placed, is: Placed): boolean {
  const isWithin = (position: number, { first, last }: Placed) =>
    position >= first && position <= last;
  return !isWithin(is.position, was) && !isWithin(was.position, is);
}

/** Returns the longest sequence of pairs that is in both lists in the same order. */
function commonSequence<T>(
  before: readonly T[],
  now: readonly T[],
  same: (one: T, other: T) => boolean,
): [T, T][] {
  /** `lengths[i][j]`: of the longest sequence in `before` from i and `now` from j. */
  const lengths = Array.from({ length: before.length + 1 }, () =>
    new Array<number>(now.length + 1).fill(0),
  );
  const length = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  const isPair = (i: number, j: number) => same(before[i] as T, now[j] as T);
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      const row = lengths[i] as number[];
      row[j] = isPair(i, j)
        ? length(i + 1, j + 1) + 1
        : Math.max(length(i + 1, j), length(i, j + 1));
    }
  }
  const pairs: [T, T][] = [];
  for (let i = 0, j = 0; i < before.length && j < now.length; ) {
    if (isPair(i, j)) pairs.push([before[i++] as T, now[j++] as T]);
    else if (length(i + 1, j) >= length(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}

/** Takes the best pairs out of both lists, for those with a score above 0. */
function pair<T>(before: T[], now: T[], score: (one: T, other: T) => number): [T, T][] {
  const pairs: [T, T][] = [];
  for (const other of [...now]) {
    const best = before
      .map((one) => ({ one, points: score(one, other) }))
      .filter(({ points }) => points > 0)
      .sort((a, b) => b.points - a.points)[0]?.one;
    if (best === undefined) continue;
    pairs.push([best, other]);
    before.splice(before.indexOf(best), 1);
    now.splice(now.indexOf(other), 1);
  }
  return pairs;
}

function without<T>(all: readonly T[], some: readonly T[]): T[] {
  return all.filter((one) => !some.includes(one));
}
