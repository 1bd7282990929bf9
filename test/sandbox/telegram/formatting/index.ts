import type { MessageEntity, User } from '@grammyjs/types';
import { badRequest } from '../bot-api-error.ts';
import type { Parameters } from '../parameters.ts';
import {
  byteOffset,
  cleanText,
  isControl,
  isInvisible,
  isRemoved,
  isUtf8,
  replaceMarks,
} from './characters.ts';
import { findEntities } from './detect.ts';
import { addFound, endOf, type FormattedText, normalize, sortEntities } from './entities.ts';
import { readEntities } from './explicit.ts';
import { parseHtml } from './html.ts';
import { parseMarkdown } from './markdown.ts';
import { parseMarkdownV2 } from './markdown-v2.ts';

export { findEntities } from './detect.ts';
export type { FormattedText } from './entities.ts';

export const MAX_MESSAGE_LENGTH = 4096;
export const MAX_CAPTION_LENGTH = 1024;

export interface FormatOptions {
  readonly text: string;
  /** In any case. @default - no parsing */
  readonly parseMode?: string;
  /** The author's entities as parsed JSON, ignored beside a parse mode. Anything but an array counts as none. */
  readonly entities?: unknown;
  /** In characters (Unicode code points). @default - only the limit for parsing, 32 KiB */
  readonly maxLength?: number;
  /** @default 'Message is too long' */
  readonly tooLongError?: string;
  /** Refuses an empty text with these words, and a blank one with Telegram's. @default - both are allowed */
  readonly emptyError?: string;
  /** Returns a user who is mentioned by id. Telegram drops mentions of users it does not know. @default - knows none */
  readonly userWithId?: (id: number) => User | undefined;
}

/** The limit for a text with its markup (telegram-bot-api, Client.cpp). */
const MAX_BYTES = 32_768;

/**
 * Formats a text as Telegram does: parses the markup, checks and repairs entities, removes forbidden
 * characters and blanks at both ends, and finds links, commands and the like. Refuses in Telegram's
 * words (telegram-bot-api, Client.cpp; tdlib, MessageEntity.cpp).
 *
 * @throws BotApiError
 * @example
 * formatText({ text: '<b>Hi</b> /help', parseMode: 'HTML' });
 * // { text: 'Hi /help', entities: [bold at 0, bot_command at 3] }
 */
export function formatText(options: FormatOptions): FormattedText {
  const { maxLength = Number.POSITIVE_INFINITY, emptyError, tooLongError } = options;
  if (options.text === '' && emptyError !== undefined) throw badRequest(emptyError);
  if (Buffer.byteLength(options.text) > MAX_BYTES) throw badRequest('Text is too long');
  const parsed = parse(options);
  const known = resolveUsers(parsed.entities, options.userWithId);
  const { text, entities } = trim(clean(parsed.text, known));
  if (emptyError !== undefined && isInvisible(text)) throw badRequest('Text must be non-empty');
  if ([...text].length > maxLength) throw badRequest(tooLongError ?? 'Message is too long');
  return { text, entities: addFound(entities, findEntities(text)) };
}

/** Reads a parameter with entities for `formatText`. Telegram ignores broken JSON in it. */
export function entitiesOf(parameters: Parameters, name = 'entities'): unknown {
  try {
    return parameters.json(name);
  } catch {
    return undefined;
  }
}

function parse({ text, parseMode = '', entities }: FormatOptions): FormattedText {
  const mode = parseMode.toLowerCase();
  if (text === '' || mode === '' || mode === 'none') {
    return { text, entities: readEntities(entities) };
  }
  const parser = PARSERS.get(mode);
  if (!parser) throw badRequest('Unsupported parse_mode');
  if (!isUtf8(text)) throw badRequest('Text must be encoded in UTF-8');
  return parser(text);
}

const PARSERS = new Map([
  ['html', parseHtml],
  ['markdown', parseMarkdown],
  ['markdownv2', parseMarkdownV2],
]);

function resolveUsers(
  entities: readonly MessageEntity[],
  userWithId: FormatOptions['userWithId'],
): MessageEntity[] {
  return entities.flatMap((entity): MessageEntity[] => {
    if (entity.type !== 'text_mention') return [entity];
    const user = userWithId?.(entity.user.id);
    return user ? [{ ...entity, user }] : [];
  });
}

function clean(text: string, entities: readonly MessageEntity[]): FormattedText {
  if (!isUtf8(text)) throw badRequest('Strings must be encoded in UTF-8');
  if (entities.length === 0) return { text: cleanText(text), entities: [] };
  for (const { offset, length } of entities) {
    if (offset < 0 || offset > 1_000_000) {
      throw badRequest(`Receive an entity with incorrect offset ${offset}`);
    }
    if (length < 0 || length > 1_000_000) {
      throw badRequest(`Receive an entity with incorrect length ${length}`);
    }
  }
  const cleaned = cleanWith(text, normalize(entities.filter(({ length }) => length > 0)));
  return { text: cleaned.text, entities: normalize(cleaned.entities) };
}

/** Cleans a text and moves its entities, which must be sorted and properly nested. */
function cleanWith(text: string, entities: readonly MessageEntity[]): FormattedText {
  const moved: MessageEntity[] = [];
  const open: { entity: MessageEntity; start: number }[] = [];
  let next = 0;
  let cleaned = '';
  let offset = 0;

  const visit = () => {
    for (let last = open.at(-1); last && endOf(last.entity) <= offset; last = open.at(-1)) {
      const { entity, start } = last;
      if (endOf(entity) < offset) {
        throw badRequest(
          `Entity beginning at UTF-16 offset ${entity.offset} ends in a middle of a UTF-16 symbol at byte offset ${byteOffset(text, offset)}`,
        );
      }
      moved.push({ ...entity, offset: start, length: cleaned.length - start });
      open.pop();
    }
    for (let entity = entities[next]; entity && entity.offset <= offset; entity = entities[next]) {
      if (entity.offset < offset) {
        throw badRequest(
          `Entity begins in a middle of a UTF-16 symbol at byte offset ${byteOffset(text, offset)}`,
        );
      }
      open.push({ entity, start: cleaned.length });
      next++;
    }
  };

  for (const character of text) {
    visit();
    if (isControl(character)) cleaned += ' ';
    else if (!isRemoved(character)) cleaned += character;
    offset += character.length;
  }
  visit();
  const beyond = entities[next];
  if (beyond) {
    throw badRequest(`Entity begins after the end of the text at UTF-16 offset ${beyond.offset}`);
  }
  const unclosed = open.at(-1)?.entity;
  if (unclosed) {
    throw badRequest(
      `Entity beginning at UTF-16 offset ${unclosed.offset} ends after the end of the text at UTF-16 offset ${endOf(unclosed)}`,
    );
  }
  const kept = moved.filter(({ length }) => length > 0);
  return { text: replaceMarks(cleaned), entities: sortEntities(kept) };
}

/** Removes blanks at both ends, except in front of an entity's text: Telegram keeps those. */
function trim({ text, entities }: FormattedText): FormattedText {
  let end = text.length;
  while (end > 0 && isBlank(text.charAt(end - 1))) end--;
  if (end === 0) return { text: '', entities: [] };
  const kept = entities
    .filter(({ offset }) => offset < end)
    .map((entity) => ({ ...entity, length: Math.min(endOf(entity), end) - entity.offset }));
  const blanks = text.search(/[^ \n]/);
  const start = Math.min(blanks, kept[0]?.offset ?? end);
  return {
    text: text.slice(start, end),
    entities: sortEntities(kept.map((entity) => ({ ...entity, offset: entity.offset - start }))),
  };
}

function isBlank(character: string): boolean {
  return character === ' ' || character === '\n';
}
