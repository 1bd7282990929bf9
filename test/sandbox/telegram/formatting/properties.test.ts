import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BotApiError } from '../bot-api-error.ts';
import { cleanText } from './characters.ts';
import { formatText } from './index.ts';
import { renderText } from './render.ts';

/** Texts with much of what the parsers look at. */
const pieces = [
  ...'_*[]()~`>#+-=|{}.!\\\n\r <&/;"\'@$:a1Aé😀\u200f\u0333',
  ...['__', '||', '```', '![', '](', '\n>', '||\n', '<b>', '</b>', '<a href="', '">', '</a>'],
  ...['<pre>', '</pre>', '<code class="language-x">', '</code>', '&lt;', '&#x1F600;', '&#55357;'],
  ...['tg://user?id=1', 'tg://emoji?id=1', 'https://a.de/', 'ada@a.de', '<blockquote expandable>'],
  ...['</blockquote>', '</>', '<tg-time unix="1">', '\ud83d', '4111111111111111', '+49 123 4567'],
];
const messy = fc
  .array(fc.constantFrom(...pieces), { maxLength: 30 })
  .map((parts) => parts.join(''));
const anyText = fc.oneof(messy, fc.string({ unit: 'binary', maxLength: 60 }));
const entity = fc.record({
  type: fc.constantFrom(
    ...['bold', 'italic', 'underline', 'strikethrough', 'spoiler', 'code', 'pre'],
    ...['blockquote', 'expandable_blockquote', 'text_link'],
  ),
  offset: fc.nat({ max: 20 }),
  length: fc.nat({ max: 20 }),
  url: fc.constant('a.de'),
});
const modes = fc.constantFrom('', 'HTML', 'Markdown', 'MarkdownV2', 'MD');

const MARKS: Record<string, [html: string, markdown: string]> = {
  bold: ['b', '*'],
  italic: ['i', '_'],
  underline: ['u', '__'],
  strikethrough: ['s', '~'],
  spoiler: ['tg-spoiler', '||'],
  code: ['code', '`'],
};
type Tree = string | { style: string; children: Tree[] };
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    fc.constantFrom('a', ' ', '😀', 'é\n', '#tag', 'a.de'),
    fc.record({
      style: fc.constantFrom(...Object.keys(MARKS)),
      children: fc.array(tie('tree'), { maxLength: 3 }),
    }),
  ),
}));

/** Writes a tree as HTML and as MarkdownV2. No style is within itself, and none within code. */
function write(node: Tree, around: readonly string[] = []): [html: string, markdown: string] {
  if (typeof node === 'string') return [node, node.replace(/[#.]/g, '\\$&')];
  const { style, children } = node;
  const isShown = !around.includes(style) && !around.includes('code');
  const parts = children.map((child) => write(child, [...around, style]));
  // A letter between two marks, so that no `_` touches another.
  const html = `x${parts.map(([part]) => `${part}x`).join('')}`;
  const markdown = `x${parts.map(([, part]) => `${part}x`).join('')}`;
  const [tag, mark] = MARKS[style] ?? [];
  return isShown ? [`<${tag}>${html}</${tag}>`, `${mark}${markdown}${mark}`] : [html, markdown];
}

/** Returns undefined when the text is refused, and lets every other error through. */
function formatOrRefuse(options: Parameters<typeof formatText>[0]) {
  try {
    return formatText(options);
  } catch (error) {
    if (error instanceof BotApiError) return undefined;
    throw error;
  }
}

/** Moves most entities into the text, so that Telegram accepts them. */
function fit<T extends { offset: number; length: number }>(entity: T, text: string): T {
  const offset = entity.offset % (text.length + 1);
  return { ...entity, offset, length: entity.length % (text.length - offset + 1) };
}

/** Trims as Telegram does: spaces and line breaks only. */
const trimmed = (text: string) => cleanText(text).replace(/^[ \n]+|[ \n]+$/g, '');

describe('formatting any text', () => {
  it('throws nothing but refusals, and returns entities that are sorted, nested and within the text', () => {
    fc.assert(
      fc.property(
        anyText,
        modes,
        fc.array(entity, { maxLength: 6 }),
        (text, parseMode, entities) => {
          const fitting = entities.map((entity) => fit(entity, text));
          const formatted = formatOrRefuse({ text, parseMode, entities: fitting });
          if (!formatted) return;
          let previous = { offset: 0, length: Number.POSITIVE_INFINITY };
          for (const { type, offset, length } of formatted.entities) {
            expect(length).toBeGreaterThan(0);
            expect(offset + length).toBeLessThanOrEqual(formatted.text.length);
            expect(formatted.text.slice(offset, offset + length)).not.toMatch(/\p{Cs}/u);
            const isSorted =
              offset > previous.offset || (offset === previous.offset && length <= previous.length);
            expect(isSorted, type).toBe(true);
            previous = { offset, length };
          }
          for (const [index, outer] of formatted.entities.entries()) {
            for (const inner of formatted.entities.slice(index + 1)) {
              const end = outer.offset + outer.length;
              const isApart = inner.offset >= end;
              expect(isApart || inner.offset + inner.length <= end).toBe(true);
              if (isApart) continue;
              expect(inner.type).not.toBe(outer.type);
              expect(['code', 'pre']).not.toContain(outer.type);
            }
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('is the same for the same styles in HTML and in MarkdownV2', () => {
    fc.assert(
      fc.property(tree, (root) => {
        const [html, markdown] = write(root);
        expect(formatText({ text: markdown, parseMode: 'MarkdownV2' })).toEqual(
          formatText({ text: html, parseMode: 'HTML' }),
        );
      }),
    );
  });

  it('changes no style of the author, except within code', () => {
    fc.assert(
      fc.property(fc.array(entity, { maxLength: 8 }), (entities) => {
        const text = 'x'.repeat(40);
        const formatted = formatText({ text, entities });
        const has = (list: readonly { type: string; offset: number; length: number }[]) =>
          [...text].map((_, at) =>
            list
              .filter(({ offset, length }) => offset <= at && at < offset + length)
              .map(({ type }) => type),
          );
        const [before, after] = [has(entities), has(formatted.entities)];
        for (const [at, types] of after.entries()) {
          if (types.some((type) => type === 'code' || type === 'pre')) continue;
          for (const style of ['bold', 'italic', 'underline', 'strikethrough', 'spoiler']) {
            expect(types.includes(style)).toBe(before[at]?.includes(style));
          }
        }
      }),
    );
  });

  it('gives back what was escaped for MarkdownV2', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        fc.pre(!/\p{Cs}/u.test(text));
        const escaped = text.replace(/[_*[\]()~`>#+\-=|{}.!\\\n]/g, '\\$&');
        expect(formatText({ text: escaped, parseMode: 'MarkdownV2' }).text).toBe(trimmed(text));
      }),
    );
  });

  it('gives back what was escaped for HTML', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        fc.pre(!/\p{Cs}/u.test(text));
        const escaped = text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
        expect(formatText({ text: escaped, parseMode: 'HTML' }).text).toBe(trimmed(text));
      }),
    );
  });

  it('gives back what it returned', () => {
    fc.assert(
      fc.property(anyText, modes, (text, parseMode) => {
        const once = formatOrRefuse({ text, parseMode });
        if (!once) return;
        const author = once.entities.filter(({ type }) => type !== 'text_link');
        const twice = formatText({ text: once.text, entities: author });
        expect(twice.text).toBe(once.text);
      }),
    );
  });

  it('renders segments that together are the text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.array(entity), (text, entities) => {
        const segments = renderText(text, entities as never);
        expect(segments.map((segment) => segment.text).join('')).toBe(text);
      }),
    );
  });
});
