import type { MessageEntity } from '@grammyjs/types';
import { byteOffset, cannotParse, END, isSpace, toLowerCase } from './characters.ts';
import { dateTime, readDateFormat } from './date-format.ts';
import { type FormattedText, mentionOf, sortEntities } from './entities.ts';
import { checkLink, mentionedUser, parseInteger } from './link.ts';

type SimpleType = MessageEntity.CommonMessageEntity['type'];

const SIMPLE_TAGS: Record<string, SimpleType> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  u: 'underline',
  ins: 'underline',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  'tg-spoiler': 'spoiler',
  span: 'spoiler',
};
const TAGS = [
  ...Object.keys(SIMPLE_TAGS),
  ...['a', 'blockquote', 'code', 'pre', 'tg-emoji', 'tg-time'],
];

interface OpenTag {
  readonly name: string;
  readonly argument: string;
  /** Seconds since the epoch, for `tg-time`. */
  readonly date: number;
  readonly offset: number;
}

/** Parses HTML as Telegram does (tdlib, MessageEntity.cpp). @throws BotApiError */
export function parseHtml(source: string): FormattedText {
  return new HtmlParser(source).parse();
}

class HtmlParser {
  private readonly source: string;
  private index = 0;
  private text = '';
  private readonly entities: MessageEntity[] = [];
  private readonly open: OpenTag[] = [];
  private hasSurrogate = false;

  constructor(source: string) {
    this.source = source;
  }

  parse(): FormattedText {
    while (this.index < this.source.length) {
      if (this.peek() !== '<') this.text += this.readCharacter();
      else if (this.peek(1) === '/') this.endTag();
      else this.startTag();
    }
    const unclosed = this.open.at(-1);
    if (unclosed) {
      throw cannotParse(`Can't find end tag corresponding to start tag "${unclosed.name}"`);
    }
    if (this.hasSurrogate) {
      throw cannotParse(
        'Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units',
      );
    }
    return { text: this.text, entities: sortEntities(this.entities.map(withoutLanguage)) };
  }

  private peek(ahead = 0): string {
    return this.source[this.index + ahead] ?? END;
  }

  private readCharacter(): string {
    const reference = decodeReference(this.source, this.index);
    if (!reference) return this.source.charAt(this.index++);
    this.index = reference.end;
    this.hasSurrogate ||= reference.code >= 0xd800 && reference.code <= 0xdfff;
    return String.fromCodePoint(reference.code);
  }

  private startTag(): void {
    const at = byteOffset(this.source, this.index);
    this.index++;
    const name = toLowerCase(this.readUntil((character) => isSpace(character)));
    this.requireMore(`Unclosed start tag at byte offset ${at}`);
    if (!TAGS.includes(name)) {
      throw cannotParse(`Unsupported start tag "${name}" at byte offset ${at}`);
    }
    let argument = '';
    let date = 0;
    while (this.skipSpaces() !== '>') {
      const attribute = this.readAttribute(name, at);
      if (attribute.name === 'unix' && name === 'tg-time') {
        date = Number.parseInt(attribute.value ?? '', 10) || 0;
      } else {
        argument = argumentOf(name, attribute.name, attribute.value) ?? argument;
      }
    }
    this.index++;
    if (name === 'span' && argument !== 'spoiler') {
      throw cannotParse(`Tag "span" must have class "tg-spoiler" at byte offset ${at}`);
    }
    this.open.push({ name, argument, date, offset: this.text.length });
  }

  private readAttribute(tag: string, at: number): { name: string; value: string | undefined } {
    const name = this.readUntil((character) => isSpace(character) || '=/"\''.includes(character));
    if (name === '') {
      throw cannotParse(`Empty attribute name in the tag "${tag}" at byte offset ${at}`);
    }
    if (this.skipSpaces() !== '=') {
      this.requireMore(`Unclosed start tag "${tag}" at byte offset ${at}`);
      return { name, value: undefined };
    }
    this.index++;
    const quote = this.skipSpaces();
    this.requireMore(`Unclosed start tag "${tag}" at byte offset ${at}`);
    const value = quote === '"' || quote === "'" ? this.readQuoted(quote) : this.readToken();
    this.requireMore(`Unclosed start tag at byte offset ${at}`);
    return { name, value };
  }

  private requireMore(problem: string): void {
    if (this.peek() === END) throw cannotParse(problem);
  }

  private readQuoted(quote: string): string {
    let value = '';
    this.index++;
    while (this.peek() !== quote && this.peek() !== END) {
      const reference = decodeReference(this.source, this.index);
      value += reference ? String.fromCodePoint(reference.code) : this.peek();
      this.index = reference?.end ?? this.index + 1;
    }
    if (this.peek() === quote) this.index++;
    return value;
  }

  private readToken(): string {
    const start = this.index;
    const value = this.readUntil((character) => !/[A-Za-z\d.-]/.test(character));
    if (!isSpace(this.peek()) && this.peek() !== '>') {
      const at = byteOffset(this.source, start);
      throw cannotParse(`Unexpected end of name token at byte offset ${at}`);
    }
    return toLowerCase(value);
  }

  private endTag(): void {
    const at = byteOffset(this.source, this.index);
    const tag = this.open.at(-1);
    if (!tag) throw cannotParse(`Unexpected end tag at byte offset ${at}`);
    this.index += 2;
    const name = toLowerCase(this.readUntil((character) => isSpace(character)));
    if (this.skipSpaces() !== '>') throw cannotParse(`Unclosed end tag at byte offset ${at}`);
    this.index++;
    if (name !== '' && name !== tag.name) {
      throw cannotParse(
        `Unmatched end tag at byte offset ${at}, expected "</${tag.name}>", found "</${name}>"`,
      );
    }
    this.open.pop();
    if (this.text.length > tag.offset) this.close(tag);
  }

  private close(tag: OpenTag): void {
    const { name, argument, date, offset } = tag;
    const length = this.text.length - offset;
    const simple = SIMPLE_TAGS[name];
    if (simple) this.entities.push({ type: simple, offset, length });
    else if (name === 'a') this.closeLink(argument || this.text.slice(offset), offset, length);
    else if (name === 'pre' || name === 'code') this.closeCode(tag, length);
    else if (name === 'blockquote') {
      this.entities.push({
        type: argument ? 'expandable_blockquote' : 'blockquote',
        offset,
        length,
      });
    } else if (name === 'tg-emoji') {
      if (!parseInteger(argument)) throw cannotParse('Invalid custom emoji identifier specified');
      this.entities.push({ type: 'custom_emoji', offset, length, custom_emoji_id: argument });
    } else {
      const format = readDateFormat(argument);
      if (format === undefined) throw cannotParse('Invalid date format used');
      if (date > 0) this.entities.push(dateTime(date, format, offset, length));
    }
  }

  private closeLink(link: string, offset: number, length: number): void {
    const user = mentionedUser(link);
    if (user !== undefined) {
      this.entities.push(mentionOf(user, offset, length));
      return;
    }
    const checked = checkLink(link);
    if ('url' in checked) {
      this.entities.push({ type: 'text_link', offset, length, url: checked.url });
    }
  }

  /** Code with a language in a `pre`, or around one, is one entity. */
  private closeCode({ name, argument, offset }: OpenTag, length: number): void {
    const inner = this.entities.at(-1);
    const isAlone = inner?.offset === offset && inner.length === length;
    if (isAlone && name === 'pre' && isCode(inner) && inner.language) {
      this.entities.splice(-1, 1, { type: 'pre', offset, length, language: inner.language });
    } else if (isAlone && name === 'code' && inner.type === 'pre' && !inner.language && argument) {
      inner.language = argument;
    } else if (name === 'pre') {
      this.entities.push({ type: 'pre', offset, length });
    } else {
      const code: Code = { type: 'code', offset, length, ...(argument && { language: argument }) };
      this.entities.push(code);
    }
  }

  private readUntil(ends: (character: string) => boolean): string {
    const start = this.index;
    while (this.peek() !== '>' && this.peek() !== END && !ends(this.peek())) this.index++;
    return this.source.slice(start, this.index);
  }

  /** Returns the character behind the spaces. */
  private skipSpaces(): string {
    while (this.peek() !== END && isSpace(this.peek())) this.index++;
    return this.peek();
  }
}

/** Code that may turn out to be the content of a `pre`. */
type Code = MessageEntity.CommonMessageEntity & { language?: string };

function isCode(entity: MessageEntity): entity is Code {
  return entity.type === 'code';
}

function withoutLanguage(entity: MessageEntity): MessageEntity {
  const { type, offset, length } = entity;
  return type === 'code' ? { type, offset, length } : entity;
}

function argumentOf(tag: string, name: string, value: string | undefined): string | undefined {
  if (tag === 'blockquote' && name === 'expandable') return '1';
  if (tag === 'a' && name === 'href') return value;
  if (tag === 'tg-emoji' && name === 'emoji-id') return value;
  if (tag === 'tg-time' && name === 'format') return value;
  if (tag === 'code' && name === 'class') return /^language-(.*)$/s.exec(value ?? '')?.[1];
  if (tag === 'span' && name === 'class') return /^tg-(.*)$/s.exec(value ?? '')?.[1];
  return undefined;
}

const NAMED_REFERENCES = new Map(Object.entries({ lt: 0x3c, gt: 0x3e, amp: 0x26, quot: 0x22 }));

/** Decodes a character reference, whose semicolon may be missing; undefined when there is none. */
function decodeReference(source: string, at: number): { code: number; end: number } | undefined {
  if (source[at] !== '&') return undefined;
  const pattern = /&(?:#x([\da-fA-F]*)|#(\d*)|([a-zA-Z]*))/y;
  pattern.lastIndex = at;
  const [reference = '', hex, decimal, name = ''] = pattern.exec(source) ?? [];
  const end = at + reference.length;
  const code =
    NAMED_REFERENCES.get(name) ??
    Number.parseInt(hex ?? decimal ?? '', hex === undefined ? 10 : 16);
  const isNamed = NAMED_REFERENCES.has(name);
  if (!code || (!isNamed && (code >= 0x10_ffff || reference.length >= 10))) return undefined;
  return { code, end: source[end] === ';' ? end + 1 : end };
}
