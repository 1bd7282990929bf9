import type { MessageEntity } from '@grammyjs/types';

/** A piece of a formatted text: plain, or an entity around further pieces. */
export type Piece =
  | string
  | { readonly entity: MessageEntity; readonly children: readonly Piece[] };

/**
 * Arranges a text and its entities as a tree. Offsets count UTF-16 code units, as strings of JavaScript do. Entities that
 * cross are cut where the outer one ends, and what lies beyond the text is ignored: any server may send anything.
 */
export function formattedText(text: string, entities: readonly MessageEntity[] = []): Piece[] {
  const sorted = entities
    .filter(({ offset, length }) => offset >= 0 && length > 0 && offset < text.length)
    .toSorted((a, b) => a.offset - b.offset || b.length - a.length || rank(a) - rank(b));
  return piecesOf({ text, entities: sorted, next: 0 }, 0, text.length);
}

interface Reading {
  readonly text: string;
  readonly entities: readonly MessageEntity[];
  /** Index of the first entity that has no place in the tree yet. */
  next: number;
}

function piecesOf(reading: Reading, start: number, end: number): Piece[] {
  const pieces: Piece[] = [];
  let position = start;
  const addText = (to: number) => {
    const afterBlock = isBlock(pieces.at(-1)) && reading.text[position] === '\n';
    const plain = reading.text.slice(afterBlock ? position + 1 : position, to);
    if (plain) pieces.push(plain);
    position = to;
  };
  for (;;) {
    const entity = reading.entities[reading.next];
    if (!entity || entity.offset >= end) break;
    reading.next++;
    const from = Math.max(entity.offset, position);
    const to = Math.min(entity.offset + entity.length, end);
    if (to <= from) continue;
    if (from > position) addText(from);
    pieces.push({ entity, children: piecesOf(reading, from, to) });
    position = to;
  }
  if (position < end) addText(end);
  return pieces;
}

/** Blocks contain what has the same range, whatever the order in which they are listed. */
function rank(entity: MessageEntity): number {
  return isBlockType(entity) ? 0 : 1;
}

/** A block ends its line itself, so the line break after it would be an empty line. */
function isBlock(piece: Piece | undefined): boolean {
  return typeof piece === 'object' && isBlockType(piece.entity);
}

function isBlockType({ type }: MessageEntity): boolean {
  return type === 'pre' || type === 'blockquote' || type === 'expandable_blockquote';
}

/** Returns the text of pieces without their format. */
export function plainText(pieces: readonly Piece[]): string {
  return pieces
    .map((piece) => (typeof piece === 'string' ? piece : plainText(piece.children)))
    .join('');
}

const SCHEMES = ['http:', 'https:', 'tg:', 'mailto:', 'tel:'];

/** Returns what a link may lead to; undefined for schemes that run code or open other programs. */
export function safeAddress(address: string): string | undefined {
  try {
    const url = new URL(address);
    return SCHEMES.includes(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** Returns where the text of an entity leads to; undefined if it is no link, or no safe one. */
export function linkAddress(entity: MessageEntity, text: string): string | undefined {
  switch (entity.type) {
    case 'text_link':
      return safeAddress(entity.url);
    case 'url':
      return safeAddress(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
    case 'email':
      return safeAddress(`mailto:${text}`);
    case 'phone_number':
      return safeAddress(`tel:${text.replace(/[^\d+]/g, '')}`);
    default:
      return undefined;
  }
}

const DATES = { d: 'short', D: 'long' } as const;
const TIMES = { t: 'short', T: 'medium' } as const;

/** Formats the moment of a `date_time` entity as its format says; undefined if the text stays as it is. */
export function formattedMoment(
  { unix_time, date_time_format: format }: MessageEntity.DateTimeMessageEntity,
  now: number,
): string | undefined {
  if (!format) return undefined;
  const date = new Date(unix_time * 1000);
  if (Number.isNaN(date.getTime())) return undefined;
  if (format === 'r') return relativeMoment(unix_time * 1000 - now);
  const day = [...format].find((letter) => letter in DATES) as keyof typeof DATES | undefined;
  const time = [...format].find((letter) => letter in TIMES) as keyof typeof TIMES | undefined;
  return [
    format.includes('w') && date.toLocaleDateString(undefined, { weekday: 'long' }),
    day && date.toLocaleDateString(undefined, { dateStyle: DATES[day] }),
    time && date.toLocaleTimeString(undefined, { timeStyle: TIMES[time] }),
  ]
    .filter(Boolean)
    .join(', ');
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

function relativeMoment(ms: number): string {
  const format = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
  const [unit, size] = UNITS.find(([, each]) => Math.abs(ms) >= each) ?? ['second', 1000];
  return format.format(Math.round(ms / size), unit);
}
