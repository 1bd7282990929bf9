import { describe, expect, it } from 'vitest';
import { formatText } from './index.ts';

const format = (text: string) => formatText({ text, parseMode: 'Markdown' });

describe('legacy Markdown', () => {
  it.each([
    ['*bold*', 'bold', [{ type: 'bold', offset: 0, length: 4 }]],
    ['_italic_', 'italic', [{ type: 'italic', offset: 0, length: 6 }]],
    ['`code`', 'code', [{ type: 'code', offset: 0, length: 4 }]],
    ['```ts\na```', 'a', [{ type: 'pre', offset: 0, length: 1, language: 'ts' }]],
    ['```\na`b```', 'a`b', [{ type: 'pre', offset: 0, length: 3 }]],
    [
      '[a](http://b.de/c) d',
      'a d',
      [{ type: 'text_link', offset: 0, length: 1, url: 'http://b.de/c' }],
    ],
    ['[a](http://b.de', 'a', [{ type: 'text_link', offset: 0, length: 1, url: 'http://b.de/' }]],
    ['[](http://b.de)', '(http://b.de)', [{ type: 'url', offset: 1, length: 11 }]],
    ['*a _b_*', 'a _b_', [{ type: 'bold', offset: 0, length: 5 }]],
    ['\\*a\\_ \\a', '*a_ \\a', []],
    ['1. Hi!', '1. Hi!', []],
    ['😀 *b*', '😀 b', [{ type: 'bold', offset: 3, length: 1 }]],
    ['** a', 'a', []],
  ])('reads %j', (source, text, entities) => {
    expect(format(source)).toEqual({ text, entities });
  });

  it.each([
    ['*a', 0],
    ['é snake_case', 8],
    ['```a``', 0],
    ['[a', 0],
    ['*a* `b', 4],
  ])('refuses %j', (source, at) => {
    expect(() => format(source)).toThrow(
      `Bad Request: can't parse entities: Can't find end of the entity starting at byte offset ${at}`,
    );
  });
});
