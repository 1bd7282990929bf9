/** JSON as in a template, before or after its functions are resolved. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };
export type ValueObject = { [key: string]: Value };

export function isObject(value: unknown): value is ValueObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Compares two values regardless of the order of their keys. */
export function sameValue(left: Value | undefined, right: Value | undefined): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, at) => sameValue(item, right[at]));
  }
  if (isObject(left) && isObject(right)) {
    const keys = Object.keys(left);
    return (
      keys.length === Object.keys(right).length &&
      keys.every((key) => key in right && sameValue(left[key], right[key]))
    );
  }
  return left === right;
}

/** Turns numbers and booleans at any depth into strings, as CloudFormation does for custom resources. */
export function stringifyScalars(value: Value): Value {
  if (Array.isArray(value)) return value.map(stringifyScalars);
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, stringifyScalars(item)]),
    );
  }
  return String(value);
}
