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

export type ActionOutcome = Omit<Extract<ActionResult, { ok: true }>, 'ok'>;

/** Nothing more to say than that it is done. */
export const DONE: ActionOutcome = {};

/** Does it, or throws an Error whose message says what to do. */
export type PerformAction<N extends ActionName> = (
  action: ActionOf<N>,
  page: Page,
) => ActionOutcome | Promise<ActionOutcome>;

/** The names of the fields of an action that have values of a type. */
type NamesOf<N extends ActionName> = Exclude<keyof ActionOf<N>, 'do'>;

/** An action, with the types of its fields, which are checked before it is performed. */
export interface ActionHandler<N extends ActionName> {
  readonly fields: { readonly [F in NamesOf<N>]-?: FieldCheck };
  readonly perform: PerformAction<N>;
}

export type ActionHandlers<Names extends ActionName> = { readonly [N in Names]: ActionHandler<N> };

export interface FieldCheck {
  readonly isValid: (value: unknown) => boolean;
  /** Completes `text must be …`. */
  readonly expected: string;
}

export const textField: FieldCheck = {
  isValid: (value) => typeof value === 'string',
  expected: 'a text',
};
export const integerField: FieldCheck = {
  isValid: Number.isSafeInteger,
  expected: 'a whole number',
};
export const integersField: FieldCheck = {
  isValid: (value) => Array.isArray(value) && value.every(Number.isSafeInteger),
  expected: 'a list of whole numbers',
};
export const objectField: FieldCheck = {
  isValid: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  expected: 'an object',
};

export function oneOfField(...values: readonly unknown[]): FieldCheck {
  return {
    isValid: (value) => values.includes(value),
    expected: `one of ${values.join(', ')}`,
  };
}

export function optionalField({ isValid, expected }: FieldCheck): FieldCheck {
  return { isValid: (value) => value === undefined || isValid(value), expected };
}
