import { describe, expect, it } from 'vitest';
import { durationInWords, oneLine, wrap } from '../../../infra/commands/text.ts';

describe('a text for a terminal', () => {
  it('is one line without control characters', () => {
    expect(oneLine(' a\u001b[31m\nb\u202ec\t d ')).toBe('a [31m b c d');
  });

  it.each([
    ['one two three', 7, ['one two', 'three']],
    ['one two', 7, ['one two']],
    ['incomprehensible words', 5, ['incom', 'prehe', 'nsibl', 'e', 'words']],
    ['', 5, ['']],
  ])('%j is wrapped at %i columns, between words where possible', (text, columns, lines) => {
    expect(wrap(text, columns)).toEqual(lines);
  });

  it.each([
    [0, '0 seconds'],
    [1999, '1 second'],
    [59_999, '59 seconds'],
    [119_999, '1 minute'],
    [2 * 3_600_000, '2 hours'],
    [47 * 3_600_000, '1 day'],
    [-5000, '0 seconds'],
  ])('names %i ms %s', (milliseconds, words) => {
    expect(durationInWords(milliseconds)).toBe(words);
  });
});
