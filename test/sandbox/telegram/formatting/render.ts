import type { MessageEntity } from '@grammyjs/types';
import { endOf } from './entities.ts';

const SHOWN = {
  bold: 'bold',
  italic: 'italic',
  underline: 'underline',
  strikethrough: 'strikethrough',
  spoiler: 'spoiler',
  code: 'code',
  pre: 'pre',
  blockquote: 'blockquote',
  expandable_blockquote: 'blockquote',
} as const;

export type SegmentStyle = (typeof SHOWN)[keyof typeof SHOWN];

/** A part of a text that looks the same throughout. */
export interface Segment {
  readonly text: string;
  /** In alphabetical order. */
  readonly styles: readonly SegmentStyle[];
  /** Where a click leads, such as `https://example.com/`, `mailto:ada@example.com` or `tg://user?id=1`. */
  readonly url?: string;
}

/**
 * Cuts a text into segments for a terminal or a page. Their texts together are the text, whatever the
 * entities are: they may nest, overlap, or lie outside the text.
 */
export function renderText(text: string, entities: readonly MessageEntity[] = []): Segment[] {
  const borders = entities.flatMap((entity) => [entity.offset, endOf(entity)]);
  const inside = borders.filter((border) => border > 0 && border < text.length);
  const cuts = [...new Set([0, ...inside, text.length])].sort((a, b) => a - b);
  const segments: Segment[] = [];
  for (const [index, start] of cuts.slice(0, -1).entries()) {
    const end = cuts[index + 1] ?? text.length;
    const around = entities.filter((entity) => entity.offset <= start && end <= endOf(entity));
    const segment = describe(text, text.slice(start, end), around);
    const last = segments.at(-1);
    if (last && looksLike(last, segment)) {
      segments.splice(-1, 1, { ...last, text: last.text + segment.text });
    } else segments.push(segment);
  }
  return segments;
}

function describe(whole: string, text: string, entities: readonly MessageEntity[]): Segment {
  const styles = entities.flatMap(({ type }) =>
    type in SHOWN ? [SHOWN[type as keyof typeof SHOWN]] : [],
  );
  const [url] = entities.flatMap((entity) => urlOf(whole, entity) ?? []);
  return { text, styles: [...new Set(styles)].sort(), ...(url !== undefined && { url }) };
}

function urlOf(text: string, entity: MessageEntity): string | undefined {
  const covered = text.slice(entity.offset, endOf(entity));
  switch (entity.type) {
    case 'text_link':
      return entity.url;
    case 'text_mention':
      return `tg://user?id=${entity.user.id}`;
    case 'url':
      return /^[a-z]+:\/\//i.test(covered) ? covered : `http://${covered}`;
    case 'email':
      return `mailto:${covered}`;
    default:
      return undefined;
  }
}

function looksLike(a: Segment, b: Segment): boolean {
  return a.url === b.url && a.styles.join() === b.styles.join();
}
