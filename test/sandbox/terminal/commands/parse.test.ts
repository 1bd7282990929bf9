import { expect, it } from 'vitest';
import { parse } from './parse.ts';

it.each(['hello', '/quit', '/1', ':)', ':-(', ': not a command', ':smile: hi', ':D', ''])(
  'sends “%s” as it is',
  (text) => {
    expect(parse(text)).toEqual({ kind: 'text', text });
  },
);

it.each([
  ['::quit', ':quit'],
  [':::)', '::)'],
])('sends “%s” without its first colon', (typed, text) => {
  expect(parse(typed)).toEqual({ kind: 'text', text });
});

it.each([
  [':12 ', { kind: 'button', number: 12 }],
  [':help', { kind: 'command', name: 'help', argument: '' }],
  [':?', { kind: 'command', name: '?', argument: '' }],
  [':dead-letters', { kind: 'command', name: 'dead-letters', argument: '' }],
  [':edit  two\nlines ', { kind: 'command', name: 'edit', argument: 'two\nlines' }],
])('understands “%s”', (typed, meaning) => {
  expect(parse(typed)).toEqual(meaning);
});
