import { describe, expect, it } from 'vitest';
import { Parameters } from '../parameters.ts';
import { entitiesOf, formatText } from './index.ts';

const user = { id: 42, is_bot: false, first_name: 'Ada' };
const format = (text: string, entities?: unknown) =>
  formatText({ text, entities, userWithId: (id) => (id === user.id ? user : undefined) });
const bold = (offset: number, length: number) => ({ type: 'bold', offset, length });

describe('a text', () => {
  it.each([
    [' \n a b \n ', 'a b'],
    ['a\r\nb\tc\0d', 'a\nb c d'],
    ['a\u202eb\u2028c\u0333', 'abc'],
    ['\u200f\u200f\u200ea', '\u200c\u200c\u200ea'],
    ['\u00a0a', '\u00a0a'],
    [' \n', ''],
    ['', ''],
  ])('is cleaned and trimmed: %j', (source, text) => {
    expect(format(source)).toEqual({ text, entities: [] });
  });

  it.each([
    ['', 'Nothing to send', 'nothing to send'],
    [' \n', 'Nothing to send', 'text must be non-empty'],
    ['\u200b\u2800\u00a0', 'Nothing to send', 'text must be non-empty'],
  ])('is refused when nothing of it can be seen: %j', (text, emptyError, problem) => {
    expect(() => formatText({ text, emptyError })).toThrow(`Bad Request: ${problem}`);
  });

  it.each(['HTML', 'MarkdownV2'])('is refused when only %s markup is in it', (parseMode) => {
    const text = parseMode === 'HTML' ? '<b> </b>' : '* *';
    expect(() => formatText({ text, parseMode, emptyError: 'Empty' })).toThrow(
      'Bad Request: text must be non-empty',
    );
  });

  it('may be as long as the limit, in characters and not in UTF-16 units', () => {
    expect(formatText({ text: '😀😀', maxLength: 2 }).text).toBe('😀😀');
    expect(formatText({ text: ' <b>ab</b> ', parseMode: 'HTML', maxLength: 2 }).text).toBe('ab');
    expect(() => formatText({ text: 'abc', maxLength: 2 })).toThrow(
      'Bad Request: message is too long',
    );
    const tooLongError = 'Message caption is too long';
    expect(() => formatText({ text: 'abc', maxLength: 2, tooLongError })).toThrow(
      'Bad Request: message caption is too long',
    );
  });

  it('has at most 32 KiB of markup', () => {
    const text = (length: number) => `<b>${'x'.repeat(length - 7)}</b>`;
    const parseMode = 'HTML';
    expect(formatText({ text: text(32_768), parseMode }).entities).toHaveLength(1);
    expect(() => formatText({ text: text(32_769), parseMode })).toThrow(
      'Bad Request: text is too long',
    );
  });

  it('is refused with half of a surrogate pair', () => {
    expect(() => format('a\ud83d')).toThrow('Bad Request: strings must be encoded in UTF-8');
    expect(() => formatText({ text: 'a\ude00', parseMode: 'HTML' })).toThrow(
      'Bad Request: text must be encoded in UTF-8',
    );
  });

  it.each(['htm', 'markdown2', 'MD'])('is refused with the parse mode %s', (parseMode) => {
    expect(() => formatText({ text: 'a', parseMode })).toThrow(
      'Bad Request: unsupported parse_mode',
    );
  });

  it.each(['', 'none', 'NONE'])('is not parsed with the parse mode "%s"', (parseMode) => {
    const text = '<b>a</b> *b*';
    expect(formatText({ text, parseMode }).text).toBe(text);
  });

  it.each(['HTML', 'html', 'hTmL'])(
    'is parsed with the parse mode in any case: %s',
    (parseMode) => {
      expect(formatText({ text: '<b>a</b>', parseMode }).text).toBe('a');
    },
  );

  it('ignores entities beside a parse mode', () => {
    const entities = [bold(0, 1)];
    expect(formatText({ text: 'ab', parseMode: 'HTML', entities }).entities).toEqual([]);
  });
});

describe("the author's entities", () => {
  it.each([
    [
      'are sorted',
      'a b',
      [bold(2, 1), { type: 'italic', offset: 0, length: 1 }],
      [{ type: 'italic', offset: 0, length: 1 }, bold(2, 1)],
    ],
    ['are joined when they touch', 'abc', [bold(0, 1), bold(1, 2)], [bold(0, 3)]],
    ['are dropped when they are empty', 'abc', [bold(1, 0)], []],
    ['move with what is removed before them', ' \r a😀', [bold(3, 3)], [bold(0, 3)]],
    ['keep the blanks that they begin with', '  a', [bold(1, 2)], [bold(0, 2)]],
    ['lose the blanks that they end with', 'a  ', [bold(0, 3)], [bold(0, 1)]],
    ['are dropped when only removed characters are left', 'a\rb', [bold(1, 1)], []],
    [
      'are split where they overlap',
      'abc',
      [bold(0, 2), { type: 'italic', offset: 1, length: 2 }],
      [bold(0, 1), { type: 'italic', offset: 1, length: 2 }, bold(1, 1)],
    ],
    [
      'lose styles within code',
      'abc',
      [bold(0, 3), { type: 'code', offset: 1, length: 1 }],
      [bold(0, 1), { type: 'code', offset: 1, length: 1 }, bold(2, 1)],
    ],
    [
      'have only the first of two links in one another',
      'abc',
      [
        { type: 'text_link', offset: 0, length: 3, url: 'a.de' },
        { type: 'text_link', offset: 1, length: 1, url: 'b.de' },
      ],
      [{ type: 'text_link', offset: 0, length: 3, url: 'http://a.de/' }],
    ],
    [
      'mention people that Telegram knows',
      'abc',
      [
        { type: 'text_mention', offset: 0, length: 1, user: { id: 42 } },
        { type: 'text_mention', offset: 1, length: 1, user: { id: 43 } },
      ],
      [{ type: 'text_mention', offset: 0, length: 1, user }],
    ],
    [
      'count only as far as Telegram does not find them itself',
      'abc',
      [{ type: 'hashtag', offset: 0, length: 1 }],
      [],
    ],
    ['may give numbers as text', 'abc', [{ type: 'bold', offset: '1', length: '1' }], [bold(1, 1)]],
    [
      'may have a language, a custom emoji or a date',
      'abc',
      [
        { type: 'pre', offset: 0, length: 1, language: 'ts' },
        { type: 'custom_emoji', offset: 1, length: 1, custom_emoji_id: '7' },
        { type: 'date_time', offset: 2, length: 1, unix_time: 5, date_time_format: 'tW' },
      ],
      [
        { type: 'pre', offset: 0, length: 1, language: 'ts' },
        { type: 'custom_emoji', offset: 1, length: 1, custom_emoji_id: '7' },
        { type: 'date_time', offset: 2, length: 1, unix_time: 5, date_time_format: 'wt' },
      ],
    ],
    ['are none when they are no array', 'abc', { type: 'bold' }, []],
  ])('%s', (_, text, entities, expected) => {
    expect(format(text, entities).entities).toEqual(expected);
  });

  const cannotParse = (problem: string) => `can't parse MessageEntity: ${problem}`;
  it.each([
    ['a', ['x'], cannotParse('expected an Object')],
    ['a', [{ length: 1, type: 'bold' }], cannotParse('Can\'t find field "offset"')],
    ['a', [{ offset: 0, type: 'bold' }], cannotParse('Can\'t find field "length"')],
    ['a', [{ offset: 0, length: 1 }], cannotParse('Can\'t find field "type"')],
    ['a', [{ offset: {}, length: 1 }], cannotParse('Field "offset" must be a Number')],
    ['a', [{ offset: 0.5, length: 1 }], cannotParse('Field "offset" must be a valid Number')],
    ['a', [{ type: '', offset: 0, length: 1 }], cannotParse('Type is not specified')],
    ['a', [{ type: 'x', offset: 0, length: 1 }], cannotParse('Unsupported type specified')],
    ['a', [{ type: 'text_link', offset: 0, length: 1 }], cannotParse('Can\'t find field "url"')],
    [
      'a',
      [{ type: 'date_time', offset: 0, length: 1, unix_time: 1, date_time_format: 'x' }],
      cannotParse('Invalid date-time format specified'),
    ],
    [
      'a',
      [{ type: 'text_link', offset: 0, length: 1, url: 'x' }],
      "entity URL 'x' is invalid: Wrong HTTP URL",
    ],
    [
      'a',
      [{ type: 'custom_emoji', offset: 0, length: 1, custom_emoji_id: 0 }],
      'invalid custom emoji identifier specified',
    ],
    ['a', [{ type: 'date_time', offset: 0, length: 1, unix_time: 0 }], 'invalid date specified'],
    ['a', [bold(-1, 1)], 'receive an entity with incorrect offset -1'],
    ['a', [bold(0, 1_000_001)], 'receive an entity with incorrect length 1000001'],
    ['é😀', [bold(2, 1)], 'entity begins in a middle of a UTF-16 symbol at byte offset 6'],
    [
      'é😀',
      [bold(0, 2)],
      'entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 6',
    ],
    ['a', [bold(2, 1)], 'entity begins after the end of the text at UTF-16 offset 2'],
    [
      'a',
      [bold(0, 2)],
      'entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 2',
    ],
  ])('of %j are refused: %j', (text, entities, problem) => {
    expect(() => format(text, entities)).toThrow(
      expect.objectContaining({ code: 400, message: `Bad Request: ${problem}` }),
    );
  });

  it('are read from a parameter, whose broken JSON counts as none', () => {
    const read = (json: string) => entitiesOf(new Parameters(new Map([['entities', json]])));
    expect(read('[{"type":"bold"}]')).toEqual([{ type: 'bold' }]);
    expect(read('[')).toBeUndefined();
    expect(read('')).toBeUndefined();
  });
});
