import type { MessageEntity } from '@grammyjs/types';
import { byteOffset, cannotParse, END } from './characters.ts';
import { dateTime, readDateFormat } from './date-format.ts';
import { type FormattedText, sortEntities } from './entities.ts';
import { parseInteger, queryOf } from './link.ts';
import { codeBlock, linkTo, readFence } from './markdown.ts';

/** What can be open while a text is parsed. The names are Telegram's, which its refusals show. */
type Kind =
  | 'Bold'
  | 'Italic'
  | 'Underline'
  | 'Strikethrough'
  | 'Spoiler'
  | 'Code'
  | 'Pre'
  | 'PreCode'
  | 'TextUrl'
  | 'CustomEmoji'
  | 'BlockQuote';

const STYLES: Partial<Record<Kind, MessageEntity.CommonMessageEntity['type']>> = {
  Bold: 'bold',
  Italic: 'italic',
  Underline: 'underline',
  Strikethrough: 'strikethrough',
  Spoiler: 'spoiler',
  Code: 'code',
};

/** What ends an entity. `__` never ends an italic text, but always begins or ends an underlined one. */
const ENDS: Record<Kind, string> = {
  Bold: '*',
  Italic: '_',
  Underline: '__',
  Strikethrough: '~',
  Spoiler: '||',
  Code: '`',
  Pre: '```',
  PreCode: '```',
  TextUrl: ']',
  CustomEmoji: ']',
  BlockQuote: '',
};

const RESERVED = '_*[]()~`>#+-=|{}.!\n';

interface Open {
  readonly kind: Kind;
  /** The language of a code block. */
  readonly language: string;
  readonly offset: number;
  /** Where it begins in the source. */
  readonly index: number;
}

/** Parses MarkdownV2 as Telegram does (tdlib, MessageEntity.cpp). @throws BotApiError */
export function parseMarkdownV2(source: string): FormattedText {
  return new MarkdownV2Parser(source).parse();
}

class MarkdownV2Parser {
  private readonly source: string;
  private index = 0;
  private text = '';
  private readonly entities: MessageEntity[] = [];
  private readonly open: Open[] = [];
  private inQuote = false;
  private atLineStart = true;

  constructor(source: string) {
    this.source = source;
  }

  parse(): FormattedText {
    while (this.index < this.source.length) this.step();
    if (this.inQuote) this.endLastQuote();
    const unclosed = this.open.at(-1);
    if (unclosed) throw this.cannotFindEnd(unclosed);
    return { text: this.text, entities: sortEntities(this.entities) };
  }

  private step(): void {
    const character = this.peek();
    const inner = this.open.at(-1);
    if (character === '\\' && isEscapable(this.peek(1))) {
      this.index++;
      this.append();
    } else if (!this.isReserved(character)) this.append();
    else if (inner && this.inQuote && character === '\n' && this.peek(1) !== '>') {
      this.endQuote(inner);
    } else if (inner && this.ends(inner.kind)) this.end(inner);
    else if (character === '\n') this.append();
    else if (character === '>' && this.atLineStart) this.beginQuote();
    else this.begin(character);
  }

  private peek(ahead = 0): string {
    return this.source[this.index + ahead] ?? END;
  }

  private append(): void {
    const character = this.peek();
    this.text += character;
    if (character !== '\r') this.atLineStart = character === '\n';
    this.index++;
  }

  private isReserved(character: string): boolean {
    const kind = this.open.at(-1)?.kind ?? 'Bold';
    if (['Code', 'Pre', 'PreCode'].includes(kind)) return character === '`';
    return RESERVED.includes(character);
  }

  private ends(kind: Kind): boolean {
    if (kind === 'BlockQuote' || !this.source.startsWith(ENDS[kind], this.index)) return false;
    return kind !== 'Italic' || this.peek(1) !== '_';
  }

  private begin(character: string): void {
    const fence = readFence(this.source, this.index);
    const kind = fence ? 'Pre' : this.kindAt(character);
    if (!kind) {
      throw cannotParse(
        `Character '${character}' is reserved and must be escaped with the preceding '\\'`,
      );
    }
    if (fence) this.push(fence.language ? 'PreCode' : 'Pre', fence.end, fence.language);
    else this.push(kind, this.index + (kind === 'CustomEmoji' ? 2 : ENDS[kind].length));
  }

  private kindAt(character: string): Kind | undefined {
    const isDouble = this.peek(1) === character;
    if (character === '_') return isDouble ? 'Underline' : 'Italic';
    if (character === '|') return isDouble ? 'Spoiler' : undefined;
    if (character === '!') return this.peek(1) === '[' ? 'CustomEmoji' : undefined;
    const kinds: Record<string, Kind> = {
      '*': 'Bold',
      '~': 'Strikethrough',
      '[': 'TextUrl',
      '`': 'Code',
    };
    return kinds[character];
  }

  private push(kind: Kind, next: number, language = ''): void {
    this.open.push({ kind, language, offset: this.text.length, index: this.index });
    this.index = next;
  }

  /** A line of a quote that is already open begins with a `>` that means nothing. */
  private beginQuote(): void {
    if (this.inQuote) this.index++;
    else this.push('BlockQuote', this.index + 1);
    this.inQuote = true;
  }

  private end(inner: Open): void {
    const { kind, language, offset } = inner;
    const length = this.text.length - offset;
    this.index += ENDS[kind].length;
    this.open.pop();
    const entity =
      kind === 'TextUrl'
        ? linkTo(this.readTarget() ?? this.text.slice(offset), offset, length)
        : kind === 'CustomEmoji'
          ? this.emojiOrDate(offset, length)
          : kind === 'Pre' || kind === 'PreCode'
            ? codeBlock(language, offset, length)
            : styled(kind, offset, length);
    if (entity && length > 0) this.entities.push(entity);
  }

  /** Reads the part in parentheses behind a link's text; undefined when there is none. */
  private readTarget(): string | undefined {
    if (this.peek() !== '(') return undefined;
    const start = ++this.index;
    let target = '';
    while (this.index < this.source.length && this.peek() !== ')') {
      if (this.peek() === '\\' && isEscapable(this.peek(1))) this.index++;
      target += this.source.charAt(this.index++);
    }
    if (this.peek() !== ')') {
      const at = byteOffset(this.source, start);
      throw cannotParse(`Can't find end of a URL at byte offset ${at}`);
    }
    this.index++;
    return target;
  }

  private emojiOrDate(offset: number, length: number): MessageEntity {
    const target = this.readTarget();
    if (target === undefined) {
      throw cannotParse('The entity must contain a tg://emoji or tg://time URL');
    }
    const id = queryOf(target, 'emoji')?.get('id');
    if (id !== undefined && parseInteger(id)) {
      return { type: 'custom_emoji', offset, length, custom_emoji_id: id };
    }
    const time = queryOf(target, 'time');
    const unixTime = Number(parseInteger(time?.get('unix')) ?? 0);
    const format = readDateFormat(time?.get('format') ?? '');
    if (!(unixTime > 0 && unixTime < 2 ** 31) || format === undefined) {
      throw cannotParse('Invalid tg://emoji or tg://time URL specified');
    }
    return dateTime(unixTime, format, offset, length);
  }

  /** A quote ends with its line. One that ends with `||` is expandable. */
  private endQuote(inner: Open): void {
    const isMark =
      inner.kind === 'Spoiler' &&
      (inner.index === this.index - 2 ||
        (inner.index === this.index - 3 && this.text.endsWith('\r')));
    const quote = isMark ? this.withoutMark() : inner;
    if (quote.kind !== 'BlockQuote') throw this.cannotFindEnd(quote);
    this.append();
    this.atLineStart = true;
    this.closeQuote(quote, isMark);
  }

  private endLastQuote(): void {
    const inner = this.open.at(-1);
    const isMark = inner?.kind === 'Spoiler' && inner.index === this.source.length - 2;
    const quote = isMark ? this.withoutMark() : inner;
    if (quote?.kind === 'BlockQuote') this.closeQuote(quote, isMark);
  }

  private withoutMark(): Open {
    this.open.pop();
    // The mark is in a quote, so the quote is still open.
    return this.open.at(-1) as Open;
  }

  private closeQuote({ offset }: Open, expandable: boolean): void {
    this.inQuote = false;
    this.open.pop();
    const length = this.text.length - offset;
    if (length > 0) {
      this.entities.push({
        type: expandable ? 'expandable_blockquote' : 'blockquote',
        offset,
        length,
      });
    }
  }

  private cannotFindEnd({ kind, index }: Open): Error {
    const at = byteOffset(this.source, index);
    return cannotParse(`Can't find end of ${kind} entity at byte offset ${at}`);
  }
}

function isEscapable(character: string): boolean {
  return character > '\0' && character <= '~';
}

function styled(kind: Kind, offset: number, length: number): MessageEntity | undefined {
  const type = STYLES[kind];
  return type && { type, offset, length };
}
