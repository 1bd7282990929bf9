/** What Telegram's rations have postponed, and no later read would show: whatever is declared is compared anyway. */
export interface Unfinished {
  /** Slots that were to be cleared, as they were declared before. */
  readonly slots: readonly string[];
  /** Telegram's id of the photo that was to be replaced or removed, empty for none; absent if the photo is as declared. */
  readonly photoId?: string;
}

/** How long an attribute may be. A response to CloudFormation has 4 KiB. */
const MAX_CHARACTERS = 2500;

/** Encodes it without characters that the JSON of a schedule would have to escape; empty if there is nothing. */
export function encodeUnfinished({ slots, photoId }: Unfinished): string {
  if (slots.length === 0 && photoId === undefined) return '';
  const text = Buffer.from(JSON.stringify({ slots, photoId })).toString('base64url');
  return text.length <= MAX_CHARACTERS || slots.length === 0
    ? text
    : encodeUnfinished({ slots: slots.slice(1), photoId });
}

/** Decodes an attribute. Returns nothing for one that is empty, or from another version. */
export function decodeUnfinished(text = ''): Unfinished {
  try {
    const { slots, photoId } = JSON.parse(Buffer.from(text, 'base64url').toString());
    return { slots: Array.isArray(slots) ? slots.map(String) : [], photoId };
  } catch {
    return { slots: [] };
  }
}
