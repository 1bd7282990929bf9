import type { MessageEntity } from '@grammyjs/types';
import { describe, expect, it } from 'vitest';
import {
  formattedMoment,
  formattedText,
  linkAddress,
  type Piece,
  plainText,
  safeAddress,
} from './entities.ts';

const entity = (type: string, offset: number, length: number) =>
  ({ type, offset, length }) as MessageEntity;

/** Writes pieces as `before [bold: inside] after`. */
const written = (pieces: readonly Piece[]): string =>
  pieces
    .map((piece) =>
      typeof piece === 'string' ? piece : `[${piece.entity.type}: ${written(piece.children)}]`,
    )
    .join('');

const format = (text: string, ...entities: MessageEntity[]) =>
  written(formattedText(text, entities));

describe('a formatted text', () => {
  it('is itself without entities', () => {
    expect(formattedText('<b>no & nothing</b>')).toEqual(['<b>no & nothing</b>']);
    expect(formattedText('')).toEqual([]);
  });

  it('nests entities, whatever their order in the list', () => {
    expect(format('a bold italic z', entity('italic', 7, 6), entity('bold', 2, 11))).toBe(
      'a [bold: bold [italic: italic]] z',
    );
    expect(format('same', entity('italic', 0, 4), entity('bold', 0, 4))).toBe(
      '[italic: [bold: same]]',
    );
  });

  it('counts UTF-16 code units', () => {
    expect(format('👋🏽 hi', entity('bold', 5, 2))).toBe('👋🏽 [bold: hi]');
  });

  it('cuts entities that cross, and loses no text', () => {
    const pieces = formattedText('abcdef', [entity('bold', 0, 4), entity('italic', 2, 4)]);
    expect(written(pieces)).toBe('[bold: ab[italic: cd]]ef');
    expect(plainText(pieces)).toBe('abcdef');
  });

  it.each([
    [entity('bold', 10, 5), 'abc'],
    [entity('bold', 1, 99), 'a[bold: bc]'],
    [entity('bold', -1, 2), 'abc'],
    [entity('bold', 1, 0), 'abc'],
    [entity('bold', Number.NaN, 2), 'abc'],
  ])('survives ranges beyond the text: %j', (each, expected) => {
    expect(format('abc', each)).toBe(expected);
  });

  it('puts blocks around what has the same range', () => {
    expect(format('quote', entity('bold', 0, 5), entity('blockquote', 0, 5))).toBe(
      '[blockquote: [bold: quote]]',
    );
  });

  it('leaves out the line break after a block, and only that one', () => {
    expect(format('quote\n\nrest', entity('blockquote', 0, 5))).toBe('[blockquote: quote]\nrest');
    expect(format('bold\nrest', entity('bold', 0, 4))).toBe('[bold: bold]\nrest');
  });
});

describe('a link', () => {
  it.each([
    'https://example.com/',
    'http://example.com/',
    'tg://user?id=1',
    'mailto:a@example.com',
    'tel:+15550100',
  ])('may lead to %s', (address) => {
    expect(safeAddress(address)).toBe(address);
  });

  it.each([
    'javascript:alert(1)',
    ' JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'file:///etc/passwd',
    'vbscript:x',
    'no address',
    '',
  ])('leads nowhere for %j', (address) => {
    expect(safeAddress(address)).toBeUndefined();
  });

  it('completes what Telegram finds in a text', () => {
    expect(linkAddress(entity('url', 0, 1), 'example.com')).toBe('http://example.com/');
    expect(linkAddress(entity('url', 0, 1), 'HTTPS://example.com')).toBe('https://example.com/');
    expect(linkAddress(entity('email', 0, 1), 'a@example.com')).toBe('mailto:a@example.com');
    expect(linkAddress(entity('phone_number', 0, 1), '+1 (555) 0100')).toBe('tel:+15550100');
    expect(linkAddress(entity('url', 0, 1), 'javascript://%0aalert(1)')).toBeUndefined();
    expect(linkAddress(entity('bold', 0, 1), 'https://example.com')).toBeUndefined();
  });
});

describe('a moment', () => {
  const moment = (date_time_format: string, unix_time = 1_700_000_000) =>
    formattedMoment(
      { type: 'date_time', offset: 0, length: 1, unix_time, date_time_format } as never,
      1_700_000_000_000,
    );

  it('stays the text without a format, and where the time is none', () => {
    expect(moment('')).toBeUndefined();
    expect(moment('D', Number.POSITIVE_INFINITY)).toBeUndefined();
  });

  it('is relative, or has the parts that its format asks for', () => {
    expect(moment('r', 1_700_000_000 + 7200)).toBe(
      new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' }).format(2, 'hour'),
    );
    const date = new Date(1_700_000_000_000);
    expect(moment('d')).toBe(date.toLocaleDateString(undefined, { dateStyle: 'short' }));
    expect(
      moment('wDt')?.split(date.toLocaleTimeString(undefined, { timeStyle: 'short' })),
    ).toEqual([
      expect.stringContaining(date.toLocaleDateString(undefined, { weekday: 'long' })),
      '',
    ]);
  });
});
