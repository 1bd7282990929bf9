import { describe, expect, it } from 'vitest';
import { formatText } from './index.ts';
import { renderText } from './render.ts';

const html = (text: string) => {
  const formatted = formatText({ text, parseMode: 'HTML' });
  return renderText(formatted.text, formatted.entities);
};

describe('rendering a text', () => {
  it('gives one segment for a plain text, and none for an empty one', () => {
    expect(renderText('a *b*')).toEqual([{ text: 'a *b*', styles: [] }]);
    expect(renderText('')).toEqual([]);
  });

  it('gives nested styles together', () => {
    expect(html('a <b>b <i>c</i></b><u>d</u>')).toEqual([
      { text: 'a ', styles: [] },
      { text: 'b ', styles: ['bold'] },
      { text: 'c', styles: ['bold', 'italic'] },
      { text: 'd', styles: ['underline'] },
    ]);
  });

  it('joins what looks the same', () => {
    expect(html('<b>a<b>b</b></b>')).toEqual([{ text: 'ab', styles: ['bold'] }]);
  });

  it.each([
    ['<s>a</s>', { styles: ['strikethrough'] }],
    ['<tg-spoiler>a</tg-spoiler>', { styles: ['spoiler'] }],
    ['<code>a</code>', { styles: ['code'] }],
    ['<pre>a</pre>', { styles: ['pre'] }],
    ['<blockquote expandable>a</blockquote>', { styles: ['blockquote'] }],
    ['<a href="a.de">a</a>', { styles: [], url: 'http://a.de/' }],
    ['<b>a.de</b>', { text: 'a.de', styles: ['bold'], url: 'http://a.de' }],
    ['https://a.de', { text: 'https://a.de', styles: [], url: 'https://a.de' }],
    ['ada@a.de', { text: 'ada@a.de', styles: [], url: 'mailto:ada@a.de' }],
    ['/start', { text: '/start', styles: [] }],
  ])('shows %s', (source, segment) => {
    expect(html(source)).toEqual([{ text: 'a', ...segment }]);
  });

  it('gives overlapping styles, and those beyond the text', () => {
    const segments = renderText('abcd', [
      { type: 'bold', offset: 0, length: 3 },
      { type: 'italic', offset: 2, length: 9 },
      { type: 'underline', offset: 7, length: 1 },
    ]);
    expect(segments).toEqual([
      { text: 'ab', styles: ['bold'] },
      { text: 'c', styles: ['bold', 'italic'] },
      { text: 'd', styles: ['italic'] },
    ]);
  });
});
