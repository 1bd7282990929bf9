import { expect, it } from 'vitest';
import { cut, widthOf } from './width.ts';

it.each([
  ['ascii', 5],
  ['Grüße', 5],
  ['e\u0301', 1],
  ['世界', 4],
  ['👍', 2],
  ['👨‍👩‍👧', 2],
  ['✔\ufe0f', 2],
  ['\u200b', 0],
  ['…×', 2],
])('%s takes the columns that a terminal gives it', (text, width) => {
  expect(widthOf(text)).toBe(width);
});

it.each([
  ['hello', 5, 'hello'],
  ['hello', 4, 'hel…'],
  ['世界世界', 6, '世界…'],
  ['世界世界', 5, '世界…'],
  ['世界', 1, '…'],
  ['hello', 0, ''],
])('%s is cut to %i columns', (text, columns, expected) => {
  expect(cut(text, columns)).toBe(expected);
  expect(widthOf(cut(text, columns))).toBeLessThanOrEqual(columns);
});
