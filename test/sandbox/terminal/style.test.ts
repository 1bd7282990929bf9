import { expect, it } from 'vitest';
import { indent, line, style, visible } from './style.ts';

it.each([
  ['a colour', '\x1b[31mred\x1b[0m', '␛[31mred␛[0m'],
  ["the terminal's title", '\x1b]0;title\x07', '␛]0;title␇'],
  ['the clipboard', '\x1b]52;c;eA==\x1b\\', '␛]52;c;eA==␛\\'],
  ['a link', '\x1b]8;;https://evil.example\x1b\\here', '␛]8;;https://evil.example␛\\here'],
  ['eight-bit sequences', '\x9b2J\x9d0;title\x9c', '\\u009b2J\\u009d0;title\\u009c'],
  ['what overwrites the line', 'bad\rgood\b\x7f\v\f\0', 'bad␍good␈␡␋␌␀'],
  ['the direction of text', 'a\u202ecba', 'a\\u202ecba'],
])('shows control characters that would change %s', (_what, text, shown) => {
  expect(visible(text)).toBe(shown);
  expect(style('red', text)).toBe(shown);
});

it.each(['two\nlines\tand a tab', 'Grüße, 世界', '👨‍👩‍👧 שלום', '\u2068isolated\u2069'])(
  'leaves other text as it is: %s',
  (text) => {
    expect(visible(text)).toBe(text);
  },
);

it('shows line breaks of every kind as line breaks', () => {
  expect(visible('one\r\ntwo')).toBe('one\ntwo');
});

it('puts lines together', () => {
  expect(indent(line`${visible('a\x1b')} is ${1}\n${visible('b')}`)).toBe('  a␛ is 1\n  b');
});
