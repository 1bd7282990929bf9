import { describe, expect, it } from 'vitest';
import { formatText } from './index.ts';

const format = (text: string) => formatText({ text, parseMode: 'MarkdownV2' });
const refusal = (text: string) => {
  try {
    return format(text);
  } catch (error) {
    return (error as Error).message;
  }
};

/** Writes entities as `type:start-end`, with what else they carry. */
function brief(text: string): string[] {
  const formatted = format(text);
  return formatted.entities.map(({ type, offset, length, ...rest }) => {
    const details = Object.values(rest).join();
    return `${type}:${offset}-${offset + length}${details && `:${details}`}`;
  });
}

describe('MarkdownV2', () => {
  it.each([
    ['*bold*', 'bold', ['bold:0-4']],
    ['_italic_', 'italic', ['italic:0-6']],
    ['__underline__', 'underline', ['underline:0-9']],
    ['~gone~', 'gone', ['strikethrough:0-4']],
    ['||secret||', 'secret', ['spoiler:0-6']],
    ['`code`', 'code', ['code:0-4']],
    ['a `\\`` b', 'a ` b', ['code:2-3']],
    ['`*a_`', '*a_', ['code:0-3']],
    ['```\nblock```', 'block', ['pre:0-5']],
    ['```ts\nlet a;```', 'let a;', ['pre:0-6:ts']],
    ['```ts let a;```', ' let a;', ['pre:0-7:ts']],
    ['```block```', 'block', ['pre:0-5']],
    ['```\r\nblock```', 'block', ['pre:0-5']],
    ['*a _b_*', 'a b', ['bold:0-2', 'bold:2-3', 'italic:2-3']],
    [
      '*bold _italic bold ~all~_*',
      'bold italic bold all',
      ['bold:0-5', 'bold:5-17', 'italic:5-17', 'bold:17-20', 'italic:17-20', 'strikethrough:17-20'],
    ],
    ['___a_\r__', 'a', ['italic:0-1', 'underline:0-1']],
    ['_a __b___', 'a b', ['italic:0-2', 'italic:2-3', 'underline:2-3']],
    ['__a _b_ c__', 'a b c', ['underline:0-2', 'underline:2-5', 'italic:2-3']],
    ['[link](http://example.com/?a=\\))', 'link', ['text_link:0-4:http://example.com/?a=)']],
    ['[link](example.com)', 'link', ['text_link:0-4:http://example.com/']],
    ['[link](HTTPS://Example.COM/A)', 'link', ['text_link:0-4:https://example.com/A']],
    ['[link](tg:resolve?domain=x)', 'link', ['text_link:0-4:tg://resolve?domain=x']],
    ['[not a link](nonsense)', 'not a link', []],
    ['[*bold* link](http://a.de)', 'bold link', ['text_link:0-9:http://a.de/', 'bold:0-4']],
    ['![👍](tg://emoji?id=5368324170671202286)', '👍', ['custom_emoji:0-2:5368324170671202286']],
    ['![now](tg://time?unix=1700000000&format=wDT)', 'now', ['date_time:0-3:1700000000,wDT']],
    ['>quote', 'quote', ['blockquote:0-5']],
    ['>one\n>two\nthree', 'one\ntwo\nthree', ['blockquote:0-8']],
    ['>one\n>two||', 'one\ntwo', ['expandable_blockquote:0-7']],
    ['>one||\n*b*', 'one\nb', ['expandable_blockquote:0-4', 'bold:4-5']],
    ['a\n\r>b', 'a\nb', ['blockquote:2-3']],
    ['>||one||', 'one', ['blockquote:0-3', 'spoiler:0-3']],
    ['\\*a\\_\\.', '*a_.', []],
    ['\\\\', '\\', []],
    ['**', '', undefined],
    ['  *a*  ', 'a', ['bold:0-1']],
    ['* a*', ' a', ['bold:0-2']],
    ['a *b *', 'a b', ['bold:2-3']],
    ['é😀*b*', 'é😀b', ['bold:3-4']],
    ['*a*b *c*', 'ab c', ['bold:0-1', 'bold:3-4']],
    ['*a**b*', 'ab', ['bold:0-2']],
    ['*a* @user1', 'a @user1', ['bold:0-1', 'mention:2-8']],
    ['`@user1` @user2', '@user1 @user2', ['code:0-6', 'mention:7-13']],
    ['\\\u0416', '\\\u0416', []],
  ])('reads %j', (source, text, entities) => {
    expect(format(source).text).toBe(text);
    if (entities) expect(brief(source)).toEqual(entities);
  });

  const reserved = (character: string) =>
    `Character '${character}' is reserved and must be escaped with the preceding '\\'`;

  it.each([
    ['Hello.', reserved('.')],
    ['1-2', reserved('-')],
    ['a > b', reserved('>')],
    ['a | b', reserved('|')],
    ['Hi!', reserved('!')],
    ['a)', reserved(')')],
    ['a]', reserved(']')],
    ['#a', reserved('#')],
    ['*a', "Can't find end of Bold entity at byte offset 0"],
    ['é_a', "Can't find end of Italic entity at byte offset 2"],
    ['😀 __a', "Can't find end of Underline entity at byte offset 5"],
    ['__a_', "Can't find end of Italic entity at byte offset 3"],
    ['||a|| ||b', "Can't find end of Spoiler entity at byte offset 6"],
    ['~a', "Can't find end of Strikethrough entity at byte offset 0"],
    ['a `b', "Can't find end of Code entity at byte offset 2"],
    ['```\na``', "Can't find end of Pre entity at byte offset 0"],
    ['```a', "Can't find end of Pre entity at byte offset 0"],
    ['```a b', "Can't find end of PreCode entity at byte offset 0"],
    ['[a', "Can't find end of TextUrl entity at byte offset 0"],
    ['![a', "Can't find end of CustomEmoji entity at byte offset 0"],
    ['é[a](b', "Can't find end of a URL at byte offset 6"],
    ['![a]', 'The entity must contain a tg://emoji or tg://time URL'],
    ['![a](tg://emoji?id=x)', 'Invalid tg://emoji or tg://time URL specified'],
    ['![a](tg://time?unix=0)', 'Invalid tg://emoji or tg://time URL specified'],
    ['![a](tg://time?unix=1&format=x)', 'Invalid tg://emoji or tg://time URL specified'],
    ['>*a\nb*', "Can't find end of Bold entity at byte offset 1"],
    ['>a ||b\nc||', "Can't find end of Spoiler entity at byte offset 3"],
  ])('refuses %j', (source, problem) => {
    expect(refusal(source)).toBe(`Bad Request: can't parse entities: ${problem}`);
  });
});
