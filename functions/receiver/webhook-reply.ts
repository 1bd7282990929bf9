/** A larger answer counts as a failed delivery. */
const MAX_BYTES = 1024 * 1024;

/**
 * What a bot returned, as the body of the answer: JSON of a Bot API call, or `undefined` for nothing.
 * @throws when it is anything else, because Telegram would drop it without a word.
 */
export function webhookReply(returned: unknown): string | undefined {
  if (returned === undefined || returned === null) return undefined;
  if (typeof (returned as { method?: unknown }).method !== 'string') {
    throw new TypeError(
      `onUpdate returned ${kind(returned)}. Return one Bot API call, { method: 'sendMessage', ... }, or nothing.`,
    );
  }
  const body = JSON.stringify(returned);
  const bytes = Buffer.byteLength(body);
  if (bytes > MAX_BYTES) {
    throw new RangeError(
      `onUpdate returned a call of ${bytes} bytes; Telegram takes ${MAX_BYTES}. Name large files by URL or file_id.`,
    );
  }
  return body;
}

function kind(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object without a method' : `a ${typeof value}`;
}
