import type { Page } from '../page.ts';
import type { Action, ActionResult } from '../protocol.ts';

export type ActionName = Action['do'];

export type ActionOf<N extends ActionName> = Action extends infer A
  ? A extends { readonly do: infer Names }
    ? N extends Names
      ? A
      : never
    : never
  : never;

export type Outcome = Omit<Extract<ActionResult, { ok: true }>, 'ok'>;

/** Nothing more to say than that it is done. */
export const DONE: Outcome = {};

/** Does it, or throws an Error whose message says what to do. */
export type Perform<N extends ActionName> = (
  action: ActionOf<N>,
  page: Page,
) => Outcome | Promise<Outcome>;

/** The names of the fields of an action that have values of a type. */
type NamesOf<N extends ActionName> = Exclude<keyof ActionOf<N>, 'do'>;

/** An action, with the types of its fields, which are checked before it is performed. */
export interface Handler<N extends ActionName> {
  readonly fields: { readonly [F in NamesOf<N>]-?: FieldCheck };
  readonly perform: Perform<N>;
}

export type Handlers<Names extends ActionName> = { readonly [N in Names]: Handler<N> };

export interface FieldCheck {
  readonly isValid: (value: unknown) => boolean;
  /** Completes `text must be …`. */
  readonly expected: string;
}

export const text: FieldCheck = {
  isValid: (value) => typeof value === 'string',
  expected: 'a text',
};
export const integer: FieldCheck = { isValid: Number.isSafeInteger, expected: 'a whole number' };
export const object: FieldCheck = {
  isValid: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  expected: 'an object',
};

export function oneOf(...values: readonly unknown[]): FieldCheck {
  return {
    isValid: (value) => values.includes(value),
    expected: `one of ${values.join(', ')}`,
  };
}

export function optional({ isValid, expected }: FieldCheck): FieldCheck {
  return { isValid: (value) => value === undefined || isValid(value), expected };
}
