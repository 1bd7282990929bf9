import { expect, it } from 'vitest';
import { readUpdate } from './read-update.ts';

it('reads an update, without its number', () => {
  expect(readUpdate('{ "update_id": 5, "message": { "text": "hi" } }')).toEqual({
    ok: true,
    update: { message: { text: 'hi' } },
  });
});

it.each([
  ['{ "message": ', /^This is not JSON yet\. /],
  ['{\n  "message": oops\n}', /oops/],
  ['[]', /is an object/],
  ['null', /is an object/],
  ['"text"', /is an object/],
  ['{}', /what happened/],
  ['{ "update_id": 5 }', /what happened/],
])('says what is wrong with %j', (text, problem) => {
  expect(readUpdate(text)).toEqual({ ok: false, problem: expect.stringMatching(problem) });
});
