import { describe, expect, it } from 'vitest';
import { formatText } from './index.ts';

const users = (id: number) => (id === 42 ? { id, is_bot: false, first_name: 'Ada' } : undefined);
const format = (text: string) => formatText({ text, parseMode: 'html', userWithId: users });

describe('HTML', () => {
  it.each([
    ['<b>a</b><strong>b</strong>', 'ab', [{ type: 'bold', offset: 0, length: 2 }]],
    [
      '<i>a</i> <em>b</em>',
      'a b',
      [
        { type: 'italic', offset: 0, length: 1 },
        { type: 'italic', offset: 2, length: 1 },
      ],
    ],
    ['<u>a</u>', 'a', [{ type: 'underline', offset: 0, length: 1 }]],
    ['<ins>a</ins>', 'a', [{ type: 'underline', offset: 0, length: 1 }]],
    ['<s>a</s>', 'a', [{ type: 'strikethrough', offset: 0, length: 1 }]],
    ['<strike>a</strike>', 'a', [{ type: 'strikethrough', offset: 0, length: 1 }]],
    ['<del>a</del>', 'a', [{ type: 'strikethrough', offset: 0, length: 1 }]],
    ['<tg-spoiler>a</tg-spoiler>', 'a', [{ type: 'spoiler', offset: 0, length: 1 }]],
    ['<span class="tg-spoiler">a</span>', 'a', [{ type: 'spoiler', offset: 0, length: 1 }]],
    ['<B>a</b >', 'a', [{ type: 'bold', offset: 0, length: 1 }]],
    ['<b>a</>', 'a', [{ type: 'bold', offset: 0, length: 1 }]],
    ['<code>a</code>', 'a', [{ type: 'code', offset: 0, length: 1 }]],
    ['<code class="language-ts">a</code>', 'a', [{ type: 'code', offset: 0, length: 1 }]],
    ['<pre>a</pre>', 'a', [{ type: 'pre', offset: 0, length: 1 }]],
    [
      '<pre><code class="language-ts">a</code></pre>',
      'a',
      [{ type: 'pre', offset: 0, length: 1, language: 'ts' }],
    ],
    [
      '<code class=language-ts><pre>a</pre></code>',
      'a',
      [{ type: 'pre', offset: 0, length: 1, language: 'ts' }],
    ],
    ['<pre><b>a</b></pre>', 'a', [{ type: 'pre', offset: 0, length: 1 }]],
    ['<blockquote>a</blockquote>', 'a', [{ type: 'blockquote', offset: 0, length: 1 }]],
    [
      '<blockquote expandable>a</blockquote>',
      'a',
      [{ type: 'expandable_blockquote', offset: 0, length: 1 }],
    ],
    [
      "<a href='https://example.com/?a=1&amp;b=2'>é</a>",
      'é',
      [{ type: 'text_link', offset: 0, length: 1, url: 'https://example.com/?a=1&b=2' }],
    ],
    [
      '<a>example.com</a>',
      'example.com',
      [{ type: 'text_link', offset: 0, length: 11, url: 'http://example.com/' }],
    ],
    ['<a href="javascript:alert(1)">a</a>', 'a', []],
    [
      '<a href="tg://user?id=42">Ada</a>',
      'Ada',
      [
        {
          type: 'text_mention',
          offset: 0,
          length: 3,
          user: { id: 42, is_bot: false, first_name: 'Ada' },
        },
      ],
    ],
    ['<a href="tg://user?id=43">Eve</a>', 'Eve', []],
    [
      '<tg-emoji emoji-id="5368">👍</tg-emoji>',
      '👍',
      [{ type: 'custom_emoji', offset: 0, length: 2, custom_emoji_id: '5368' }],
    ],
    [
      '<tg-time unix="1700000000" format="dT">then</tg-time>',
      'then',
      [
        {
          type: 'date_time',
          offset: 0,
          length: 4,
          unix_time: 1_700_000_000,
          date_time_format: 'dT',
        },
      ],
    ],
    ['&lt;b&gt; &amp; &quot;', '<b> & "', []],
    ['&#65;&#x1F600;<b>&#98</b>', 'A😀b', [{ type: 'bold', offset: 3, length: 1 }]],
    [
      '&nbsp; &copy; & &#0; &#1114111; &constructor;',
      '&nbsp; &copy; & &#0; &#1114111; &constructor;',
      [],
    ],
    ['&#0000065; &#00000065;', 'A &#00000065;', []],
    ['<pre><code>a</code></pre>', 'a', [{ type: 'pre', offset: 0, length: 1 }]],
    ['a <b></b>', 'a', []],
    [
      '<b>a <i>b</i></b>',
      'a b',
      [
        { type: 'bold', offset: 0, length: 2 },
        { type: 'bold', offset: 2, length: 1 },
        { type: 'italic', offset: 2, length: 1 },
      ],
    ],
    [
      '<a href="http://a.de"><b>x</b></a>',
      'x',
      [
        { type: 'text_link', offset: 0, length: 1, url: 'http://a.de/' },
        { type: 'bold', offset: 0, length: 1 },
      ],
    ],
    ['<code>a<a href="http://a.de">b</a></code>', 'ab', [{ type: 'code', offset: 0, length: 2 }]],
  ])('reads %j', (source, text, entities) => {
    expect(format(source)).toEqual({ text, entities });
  });

  it.each([
    ['<p>a</p>', 'Unsupported start tag "p" at byte offset 0'],
    ['é<BR/>', 'Unsupported start tag "br/" at byte offset 2'],
    ['1 < 2 > 1', 'Unsupported start tag "" at byte offset 2'],
    ['😀<b', 'Unclosed start tag at byte offset 4'],
    ['<b ', 'Empty attribute name in the tag "b" at byte offset 0'],
    ['<b =1>a</b>', 'Empty attribute name in the tag "b" at byte offset 0'],
    ['<a href', 'Unclosed start tag "a" at byte offset 0'],
    ['<a href=', 'Unclosed start tag "a" at byte offset 0'],
    ['<a href="x', 'Unclosed start tag at byte offset 0'],
    ['<a href=x/y>a</a>', 'Unexpected end of name token at byte offset 8'],
    ['<span>a</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'],
    ['<span class="x">a</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'],
    ['a</b>', 'Unexpected end tag at byte offset 1'],
    ['<b>a</b', 'Unclosed end tag at byte offset 4'],
    ['<b>é</i>', 'Unmatched end tag at byte offset 5, expected "</b>", found "</i>"'],
    ['<b><i>a</b></i>', 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'],
    ['<b>a', 'Can\'t find end tag corresponding to start tag "b"'],
    ['<b>a<i>b</i>', 'Can\'t find end tag corresponding to start tag "b"'],
    ['<tg-emoji emoji-id="x">a</tg-emoji>', 'Invalid custom emoji identifier specified'],
    ['<tg-emoji>a</tg-emoji>', 'Invalid custom emoji identifier specified'],
    ['<tg-time unix="1" format="x">a</tg-time>', 'Invalid date format used'],
    [
      '&#xd83d;&#xde00;',
      'Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units',
    ],
  ])('refuses %j', (source, problem) => {
    expect(() => format(source)).toThrow(
      expect.objectContaining({
        code: 400,
        message: `Bad Request: can't parse entities: ${problem}`,
      }),
    );
  });
});
