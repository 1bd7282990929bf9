/** Named as Lambda's own JSON log lines name them, so that one query finds both. */
export interface ErrorFields {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stackTrace?: readonly string[];
  /** What it came of, in one line: `fetch failed` says nothing without it. */
  readonly cause?: string;
}

/**
 * What a log line may tell of something thrown: its own words and where it came from, never its other
 * properties (HTTP clients hang the request there, URL included), and never a bot token.
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

/** `name code: message`: some errors, a refused connection among them, have a code and no message. */
function errorText(thrown: unknown): string {
  if (thrown instanceof Error) {
    const { name, code, message } = thrown as NodeJS.ErrnoException;
    return `${[name, code].filter(Boolean).join(' ')}: ${message}`;
  }
  const isPlain = typeof thrown !== 'object' && typeof thrown !== 'function';
  return isPlain ? String(thrown) : 'not an Error, so its content is not told';
}

/**
 * `<bot id>:<secret>`, also as a URL spells it; the Bot API has the token in the path of every call.
 * Wider than today's 35 characters: better a queue's ARN lost from a line than a token kept in it.
 */
const BOT_TOKEN = /\d{1,16}(:|%3A)[\w-]{20,}/gi;

function redact(text: string): string {
  return text.replace(BOT_TOKEN, '<bot token>');
}
