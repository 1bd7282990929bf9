import { UnknownProperty, ValidationError } from '../errors.ts';
import { functionCall } from '../intrinsics.ts';
import { isObject, sameValue, type Value } from '../values.ts';

/**
 * The values that a property may have. Reading is strict: anything that the shape does not name is an
 * error, because a result would be worthless if the sandbox had ignored a property.
 */
export interface Shape<T> {
  /**
   * @param unresolved whether the value comes straight from the template: a function may then stand for
   * any value, both branches of an `Fn::If` are checked, and the result must not be used
   */
  read(value: Value, at: string, unresolved?: boolean): T;
  readonly optional?: boolean;
}

export const text: Shape<string> = shape('a string', (value) =>
  typeof value === 'object' ? undefined : String(value),
);

export const integer: Shape<number> = shape('an integer', (value) => {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return Number.isInteger(number) ? (number as number) : undefined;
});

export const number: Shape<number> = shape('a number', (value) => {
  const parsed = typeof value === 'string' && value !== '' ? Number(value) : value;
  return Number.isFinite(parsed) ? (parsed as number) : undefined;
});

/** Accepts `"true"` as well as `true`, like CloudFormation. */
export const boolean: Shape<boolean> = shape('true or false', (value) => {
  if (value === true || value === 'true') return true;
  return value === false || value === 'false' ? false : undefined;
});

/** Accepts only these values of a property, which are the ones that the sandbox supports. */
export function only<const T extends string | boolean>(...allowed: readonly T[]): Shape<T> {
  return shape(allowed.join(' or '), (value) =>
    allowed.find((candidate) => String(candidate) === String(value)),
  );
}

/** Accepts any object or list. Its content is checked elsewhere (a policy) or has no effect (tags). */
export function json<T>(): Shape<T> {
  return shape('an object or a list', (value) =>
    typeof value === 'object' ? (value as T) : undefined,
  );
}

export function listOf<T>(item: Shape<T>): Shape<T[]> {
  return shape('a list', (value, at, unresolved) =>
    Array.isArray(value)
      ? value.map((one, index) => item.read(one, `${at}.${index}`, unresolved))
      : undefined,
  );
}

export function mapOf<T>(item: Shape<T>): Shape<Record<string, T>> {
  return shape('an object', (value, at, unresolved) =>
    isObject(value)
      ? Object.fromEntries(
          Object.entries(value).map(([key, one]) => [
            key,
            item.read(one, `${at}.${key}`, unresolved),
          ]),
        )
      : undefined,
  );
}

export function optional<T>(inner: Shape<T>): Shape<T | undefined> {
  return { ...inner, optional: true };
}

type Fields = Record<string, Shape<unknown>>;
export type ObjectOf<F extends Fields> = {
  [K in keyof F]: F[K] extends Shape<infer T> ? T : never;
};

export function object<F extends Fields>(fields: F): Shape<ObjectOf<F>> {
  return shape('an object', (value, at, unresolved) => {
    if (!isObject(value)) return undefined;
    for (const key of Object.keys(value)) {
      if (!(key in fields)) throw new UnknownProperty(at, key);
    }
    const entries = Object.entries(fields).map(([key, field]) => {
      const item = value[key];
      if (item !== undefined) return [key, field.read(item, `${at}.${key}`, unresolved)];
      if (!field.optional) throw new ValidationError(`${at}.${key} is required`);
      return [key, undefined];
    });
    return Object.fromEntries(entries) as ObjectOf<F>;
  });
}

function shape<T>(
  what: string,
  parse: (value: Value, at: string, unresolved: boolean) => T | undefined,
): Shape<T> {
  return {
    read(value, at, unresolved = false) {
      const call = unresolved ? functionCall(value, at) : undefined;
      if (call) {
        if (call[0] === 'Fn::If')
          for (const branch of branches(call[1])) this.read(branch, at, true);
        return undefined as T;
      }
      const parsed = parse(value, at, unresolved);
      if (parsed === undefined) {
        throw new ValidationError(`${at} must be ${what}, got ${JSON.stringify(value)}`);
      }
      return parsed;
    },
  };
}

function branches(argument: Value): Value[] {
  const [, ...both] = Array.isArray(argument) ? argument : [];
  return both.filter((branch) => !sameValue(branch, { Ref: 'AWS::NoValue' }));
}
