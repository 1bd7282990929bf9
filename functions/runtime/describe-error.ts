/** Fields with the names that Lambda's own JSON log lines use, so that one query finds both. */
export interface ErrorFields {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stackTrace?: readonly string[];
  /** The underlying cause in one line, because `fetch failed` alone says nothing. */
  readonly cause?: string;
}

/**
 * Describes something that was thrown, for a log line: its message and its stack. Leaves out any bot token,
 * and all other properties, because HTTP clients put the request there, URL included.
 */
export function describeError(thrown: unknown): ErrorFields {
  if (!(thrown instanceof Error)) {
    return { errorType: typeof thrown, errorMessage: redact(errorText(thrown)) };
  }
  return {
    errorType: thrown.name,
    errorMessage: redact(thrown.message),
    stackTrace: redact(thrown.stack ?? '').split('\n'),
    ...(thrown.cause !== undefined && { cause: redact(errorText(thrown.cause)) }),
  };
}

/** Returns `name code: message`. Some errors, a refused connection among them, have a code and no message. */
function errorText(thrown: unknown): string {
  if (thrown instanceof Error) {
    const { name, code, message } = thrown as NodeJS.ErrnoException;
    return `${[name, code].filter(Boolean).join(' ')}: ${message}`;
  }
  const isPlain = typeof thrown !== 'object' && typeof thrown !== 'function';
  return isPlain ? String(thrown) : 'not an Error, so its content is not logged';
}

/**
 * `<bot id>:<secret>`, also in URL encoding: the Bot API has the token in the path of every call. The pattern
 * is wider than today's 35 characters, because losing a queue's ARN from a line is better than keeping a
 * token in it.
 */
const BOT_TOKEN = /\d{1,16}(:|%3A)[\w-]{20,}/gi;

function redact(text: string): string {
  return text.replace(BOT_TOKEN, '<bot token>');
}
