import type { Update } from '@grammyjs/types';
import { withoutId } from './as-curl.ts';

export type ReadUpdate =
  | { readonly ok: true; readonly update: Omit<Update, 'update_id'> }
  /** A sentence that says where it is broken. */
  | { readonly ok: false; readonly problem: string };

/** Reads an update that a person has written. */
export function readUpdate(text: string): ReadUpdate {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, problem: `This is not JSON yet. ${(error as Error).message}` };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, problem: 'An update is an object: { "message": { … } }.' };
  }
  const update = withoutId(value as Update);
  if (Object.keys(update).length === 0) {
    return { ok: false, problem: 'An update says what happened: add "message" or another field.' };
  }
  return { ok: true, update };
}
