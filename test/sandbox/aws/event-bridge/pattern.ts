import { ServiceError } from '../service-error.ts';

/** The values that an event must have: lists of values, or of `{ prefix }`, under the names of its fields. */
export interface EventPattern {
  readonly [field: string]: EventPattern | readonly Matcher[];
}

type Matcher = string | number | boolean | null | { readonly prefix: string };

/** @throws ServiceError for what EventBridge refuses, and for matchers that the sandbox does not support */
export function checkPattern(pattern: EventPattern, at = 'Event pattern'): void {
  const fields = Object.entries(pattern);
  if (fields.length === 0) throw invalid(`${at} is empty`);
  for (const [field, expected] of fields) {
    if (field.startsWith('$')) throw unsupported(`${at}: ${field}`);
    if (!Array.isArray(expected)) {
      if (typeof expected !== 'object') throw invalid(`"${field}" must be an object or an array`);
      checkPattern(expected as EventPattern, field);
      continue;
    }
    if (expected.length === 0) throw invalid('Empty arrays are not allowed');
    for (const matcher of expected) {
      if (typeof matcher !== 'object' || matcher === null) continue;
      const isPrefix = Object.keys(matcher).join() === 'prefix';
      if (!isPrefix || typeof matcher.prefix !== 'string')
        throw unsupported(JSON.stringify(matcher));
    }
  }
}

/** Returns whether an event has, for each field, one of the values. A field of the event may be a list of values. */
export function matchesPattern(pattern: EventPattern, event: unknown): boolean {
  return Object.entries(pattern).every(([field, expected]) => {
    const actual = (event as Record<string, unknown> | undefined)?.[field];
    if (!Array.isArray(expected)) return matchesPattern(expected as EventPattern, actual);
    return [actual]
      .flat()
      .some((value) => expected.some((matcher: Matcher) => matches(matcher, value)));
  });
}

function matches(matcher: Matcher, value: unknown): boolean {
  if (typeof matcher !== 'object' || matcher === null) return matcher === value;
  return typeof value === 'string' && value.startsWith(matcher.prefix);
}

function invalid(reason: string): ServiceError {
  return new ServiceError(
    'InvalidEventPatternException',
    `Event pattern is not valid. Reason: ${reason}`,
  );
}

function unsupported(what: string): ServiceError {
  const message = `The sandbox's EventBridge supports only exact values and prefixes, got ${what}`;
  return new ServiceError('InvalidEventPatternException', message);
}
