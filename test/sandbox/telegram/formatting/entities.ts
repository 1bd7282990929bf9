import type { MessageEntity, User } from '@grammyjs/types';

/** A text with the entities that format it, in the order in which Telegram sends them. */
export interface FormattedText {
  readonly text: string;
  readonly entities: MessageEntity[];
}

type EntityType = MessageEntity['type'] | 'bank_card_number';

/** Styles that may overlap anything: Telegram splits them where other entities begin or end. */
const STYLES = ['bold', 'italic', 'underline', 'strikethrough', 'spoiler'] as const;
type Style = (typeof STYLES)[number];

/** The order of entities that cover the same text: the outermost first (tdlib, MessageEntity.cpp). */
const PRIORITIES: Partial<Record<EntityType, number>> = {
  blockquote: 0,
  expandable_blockquote: 0,
  pre: 11,
  code: 20,
  date_time: 30,
  text_link: 49,
  text_mention: 49,
  bold: 90,
  italic: 91,
  underline: 92,
  strikethrough: 93,
  spoiler: 94,
  custom_emoji: 99,
};
const OTHER_PRIORITY = 50;

const isStyle = ({ type }: MessageEntity) => (STYLES as readonly string[]).includes(type);
const isQuote = ({ type }: MessageEntity) =>
  type === 'blockquote' || type === 'expandable_blockquote';
/** Entities inside which there is no style. */
const isVerbatim = ({ type }: MessageEntity) => ['pre', 'code', 'date_time'].includes(type);

export const endOf = (entity: MessageEntity): number => entity.offset + entity.length;

/** A mention of a user of whom only the id is known. */
export function mentionOf(userId: number, offset: number, length: number): MessageEntity {
  const user: User = { id: userId, is_bot: false, first_name: '' };
  return { type: 'text_mention', offset, length, user };
}

/** Sorts entities as Telegram does: by offset, the longer first, then by priority. */
export function sortEntities(entities: readonly MessageEntity[]): MessageEntity[] {
  return [...entities].sort(
    (a, b) => a.offset - b.offset || b.length - a.length || priorityOf(a) - priorityOf(b),
  );
}

function priorityOf(entity: MessageEntity): number {
  if (entity.type === 'pre' && entity.language) return 10;
  return PRIORITIES[entity.type] ?? OTHER_PRIORITY;
}

/**
 * Removes what Telegram does not allow: links, mentions and code inside one another, and quotes that
 * overlap anything in part. Joins styles that touch, and splits them where other entities begin or
 * end (tdlib, MessageEntity.cpp).
 */
export function normalize(entities: readonly MessageEntity[]): MessageEntity[] {
  const { styles, quotes, others } = group(sortEntities(entities));
  const apart = withoutOverlaps(quotes);
  return withStyles(
    styles,
    sortEntities([...outsideOrWithin(apart, withoutOverlaps(others)), ...apart]),
  );
}

/** Adds entities that were found in the text where they do not overlap those of the author. */
export function addFound(entities: MessageEntity[], found: MessageEntity[]): MessageEntity[] {
  if (found.length === 0) return entities;
  const { styles, quotes, others } = group(entities);
  const free = outsideOrWithin(quotes, found).filter((entity) =>
    others.every((other) => endOf(entity) <= other.offset || endOf(other) <= entity.offset),
  );
  return withStyles(styles, sortEntities([...others, ...free, ...quotes]));
}

/** Keeps the first of the entities that overlap. They must be sorted. */
export function withoutOverlaps(entities: readonly MessageEntity[]): MessageEntity[] {
  let end = 0;
  return entities.filter((entity) => {
    if (entity.offset < end) return false;
    end = endOf(entity);
    return true;
  });
}

function group(entities: readonly MessageEntity[]) {
  const styles = entities.filter(isStyle);
  const quotes = entities.filter(isQuote);
  const others = entities.filter((entity) => !isStyle(entity) && !isQuote(entity));
  return { styles, quotes, others };
}

/** Removes the entities that cross the border of a quote. */
function outsideOrWithin(
  quotes: readonly MessageEntity[],
  entities: readonly MessageEntity[],
): MessageEntity[] {
  return entities.filter((entity) =>
    quotes.every(
      (quote) =>
        endOf(quote) <= entity.offset ||
        endOf(entity) <= quote.offset ||
        (quote.offset <= entity.offset && endOf(entity) <= endOf(quote)),
    ),
  );
}

function withStyles(styles: readonly MessageEntity[], others: MessageEntity[]): MessageEntity[] {
  if (styles.length === 0) return others;
  return sortEntities([...others, ...new StyleSplitter(styles).splitBy(others)]);
}

/** Walks over the text once, and emits each style in the pieces that Telegram makes of it. */
class StyleSplitter {
  private readonly waiting: MessageEntity[];
  private readonly open = new Map<Style, { begin: number; end: number }>();
  private readonly pieces: MessageEntity[] = [];

  constructor(styles: readonly MessageEntity[]) {
    this.waiting = [...styles];
  }

  /** @param borders the other entities, sorted and properly nested */
  splitBy(borders: readonly MessageEntity[]): MessageEntity[] {
    const nesting: MessageEntity[] = [];
    for (const border of borders) {
      this.leave(nesting, border.offset);
      this.advance(border.offset);
      nesting.push(border);
    }
    this.leave(nesting, Number.POSITIVE_INFINITY);
    this.advance(Number.POSITIVE_INFINITY);
    return this.pieces;
  }

  private leave(nesting: MessageEntity[], offset: number): void {
    for (let inner = nesting.at(-1); inner && endOf(inner) <= offset; inner = nesting.at(-1)) {
      const before = this.pieces.length;
      this.advance(endOf(inner));
      if (isVerbatim(inner)) this.pieces.length = before;
      nesting.pop();
    }
  }

  private advance(to: number): void {
    for (let next = this.waiting[0]; next && next.offset < to; next = this.waiting[0]) {
      this.waiting.shift();
      const style = next.type as Style;
      const open = this.open.get(style);
      if (open && next.offset <= open.end) {
        open.end = Math.max(open.end, endOf(next));
        continue;
      }
      this.emitUpTo(next.offset);
      this.open.set(style, { begin: next.offset, end: endOf(next) });
    }
    this.emitUpTo(to);
  }

  private emitUpTo(offset: number): void {
    for (const type of STYLES) {
      const open = this.open.get(type);
      if (!open || open.begin >= offset) continue;
      const end = Math.min(open.end, offset);
      this.pieces.push({ type, offset: open.begin, length: end - open.begin });
      if (open.end <= offset) this.open.delete(type);
      else open.begin = offset;
    }
  }
}
