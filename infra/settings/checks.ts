import { Token } from 'aws-cdk-lib';

/** @throws Error that names the value and those allowed; a value known only at deploy time passes. */
export function checkOneOf<T>(name: string, value: T, allowed: readonly T[]): void {
  if (Token.isUnresolved(value) || allowed.includes(value)) return;
  throw new Error(`${name} must be one of ${allowed.join(', ')}; got ${value}`);
}

/** @throws Error that names the value and the range; a value known only at deploy time passes. */
export function checkWholeNumber(
  name: string,
  value: number,
  { min, max, unit = '' }: { min: number; max: number; unit?: string },
): void {
  if (Token.isUnresolved(value)) return;
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new Error(`${name} must be ${min} to ${max}${unit && ` ${unit}`}, got ${value}`);
}
