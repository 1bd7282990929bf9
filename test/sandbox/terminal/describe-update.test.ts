import type { Update } from '@grammyjs/types';
import { expect, it } from 'vitest';
import { describeUpdate } from './describe-update.ts';

it.each([
  ['“hello”', { message: { text: 'hello' } }],
  ['the message 7', { message: { text: 5 } }],
  ['the edited message 7', { edited_message: { text: ['a'] } }],
  ['the callback query 7', { callback_query: { data: 5 } }],
])('names an update of any shape, because a person may have edited it: %s', (name, fields) => {
  expect(describeUpdate({ update_id: 7, ...fields } as Update)).toBe(name);
});
