import { Token } from 'aws-cdk-lib';

/**
 * Checks that a value is one of those allowed. A value that is known only at deploy time passes.
 *
 * @throws Error that shows the value and those allowed
 */
export function checkOneOf<T>(name: string, value: T, allowed: readonly T[]): void {
  if (Token.isUnresolved(value) || allowed.includes(value)) return;
  throw new Error(`${name} must be one of ${allowed.join(', ')}; got ${value}`);
}

/**
 * Checks that a value is a whole number within a range. A value that is known only at deploy time passes.
 *
 * @throws Error that shows the value and the range
 */
export function checkWholeNumber(
  name: string,
  value: number,
  { min, max, unit = '' }: { min: number; max: number; unit?: string },
): void {
  if (Token.isUnresolved(value)) return;
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new Error(`${name} must be ${min} to ${max}${unit && ` ${unit}`}, got ${value}`);
}

/**
 * Parses a URL. It does not ask `URL.canParse`, which refuses names outside ASCII once Node 20 has optimized it.
 *
 * @returns undefined for text that is none
 */
export function parseUrl(value: string): URL | undefined {
  try {
    return new URL(value);
  } catch {
    return undefined;
  }
}
