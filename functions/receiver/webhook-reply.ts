/** The largest response that Telegram accepts. It treats a larger one as a failed delivery. */
const MAX_BYTES = 1024 * 1024;

/**
 * Turns the value that a bot returned into the body of the response: a Bot API call as JSON, or undefined for
 * nothing.
 *
 * @throws TypeError or RangeError for anything else, which Telegram would drop silently
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
      `onUpdate returned a call of ${bytes} bytes; Telegram accepts at most ${MAX_BYTES}. Refer to large files by URL or file_id.`,
    );
  }
  return body;
}

function kind(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object without a method' : `a ${typeof value}`;
}
