import type { MessageEntity } from '@grammyjs/types';
import { byteOffset, cannotParse, END, isSpace } from './characters.ts';
import { type FormattedText, mentionOf, sortEntities } from './entities.ts';
import { checkLink, mentionedUser } from './link.ts';

/** Parses the old Markdown, which does not nest, as Telegram does (tdlib, MessageEntity.cpp). @throws BotApiError */
export function parseMarkdown(source: string): FormattedText {
  const entities: MessageEntity[] = [];
  let text = '';
  for (let index = 0; index < source.length; index++) {
    const character = source.charAt(index);
    if (character === '\\' && isMarker(source.charAt(index + 1))) {
      text += source.charAt(++index);
      continue;
    }
    if (!isMarker(character)) {
      text += character;
      continue;
    }
    const opening = character === '`' ? readFence(source, index) : undefined;
    const start = opening?.end ?? index + 1;
    const marker = opening ? '```' : character === '[' ? ']' : character;
    const end = source.indexOf(marker, start);
    if (end < 0) {
      const at = byteOffset(source, index);
      throw cannotParse(`Can't find end of the entity starting at byte offset ${at}`);
    }
    const content = source.slice(start, end);
    const offset = text.length;
    text += content;
    index = end + marker.length - 1;
    if (content === '') continue;
    let link = content;
    if (character === '[' && source[end + 1] === '(') {
      const closing = source.indexOf(')', end + 2);
      index = closing < 0 ? source.length : closing;
      link = source.slice(end + 2, index);
    }
    const { length } = content;
    const entity =
      character === '[' ? linkTo(link, offset, length) : styled(character, opening, offset, length);
    if (entity) entities.push(entity);
  }
  return { text, entities: sortEntities(entities) };
}

/** The beginning of a code block: where its text begins, and its language. */
export interface Fence {
  readonly end: number;
  /** Empty when the block has none. */
  readonly language: string;
}

/** Reads the three backticks at `at`, a language and one line break; undefined for fewer backticks. */
export function readFence(source: string, at: number): Fence | undefined {
  if (!source.startsWith('```', at)) return undefined;
  const character = (index: number) => source[index] ?? END;
  let end = at + 3;
  while (!isSpace(character(end)) && character(end) !== '`') end++;
  const hasLanguage = end < source.length && character(end) !== '`';
  const language = hasLanguage ? source.slice(at + 3, end) : '';
  const start = hasLanguage ? end : at + 3;
  const [lineBreak = ''] = /^(?:\r\n|\n\r|\n|\r)/.exec(source.slice(start, start + 2)) ?? [];
  return { end: start + lineBreak.length, language };
}

/** Returns the entity of a link: a mention, a link, or nothing when Telegram does not accept it. */
export function linkTo(link: string, offset: number, length: number): MessageEntity | undefined {
  const user = mentionedUser(link);
  if (user !== undefined) return mentionOf(user, offset, length);
  const checked = checkLink(link);
  return 'url' in checked ? { type: 'text_link', offset, length, url: checked.url } : undefined;
}

export function codeBlock(language: string, offset: number, length: number): MessageEntity {
  return { type: 'pre', offset, length, ...(language && { language }) };
}

function isMarker(character: string): boolean {
  return character !== '' && '_*`['.includes(character);
}

function styled(
  marker: string,
  fence: Fence | undefined,
  offset: number,
  length: number,
): MessageEntity {
  if (fence) return codeBlock(fence.language, offset, length);
  return {
    type: marker === '_' ? 'italic' : marker === '*' ? 'bold' : 'code',
    offset,
    length,
  };
}
