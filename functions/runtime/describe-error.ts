import { toSourcePositions } from './source-positions.ts';

/** Fields with the names that Lambda's own JSON log lines use, so that one query finds both. */
export interface ErrorFields {
  readonly errorType: string;
  readonly errorMessage: string;
  /** With the files and lines of the sources, if source maps travel with the bundle. */
  readonly stackTrace?: readonly string[];
  /** The underlying cause in one line, because `fetch failed` alone says nothing. */
  readonly cause?: string;
}

/**
 * Describes something that was thrown, for a log line: its message and its stack. It leaves out all other
 * properties, because HTTP clients put the request there, URL included, and it never contains a bot token.
 *
 * It never throws, whatever a bot throws: not for getters that throw, for a message or a stack that is not text,
 * for a Symbol or for a Proxy.
 */
export function describeError(thrown: unknown): ErrorFields {
  if (!isError(thrown)) {
    return { errorType: typeof thrown, errorMessage: errorText(thrown) };
  }
  const stack = readProperty(thrown, 'stack');
  const cause = readProperty(thrown, 'cause');
  return {
    errorType: plainText(readProperty(thrown, 'name')) ?? 'Error',
    errorMessage: plainText(readProperty(thrown, 'message')) ?? 'the message is not text',
    ...(typeof stack === 'string' && { stackTrace: redact(toSourcePositions(stack)).split('\n') }),
    ...(cause !== undefined && { cause: errorText(cause) }),
  };
}

/**
 * Returns what a bot has thrown, or an error in its place if asking for its type throws, as a Proxy may. After that
 * `instanceof` is safe.
 */
export function inspectable(thrown: unknown): unknown {
  try {
    void (thrown instanceof Error);
    return thrown;
  } catch {
    return new Error('The bot threw an object that cannot be inspected');
  }
}

/** Returns `name code: message`. Some errors, a refused connection among them, have a code and no message. */
function errorText(thrown: unknown): string {
  if (thrown === undefined) return 'undefined';
  if (!isError(thrown)) {
    return plainText(thrown) ?? 'not an Error, so its content is not logged';
  }
  const [name, code, message] = ['name', 'code', 'message'].map((key) =>
    plainText(readProperty(thrown, key)),
  );
  return `${[name, code].filter(Boolean).join(' ')}: ${message ?? ''}`;
}

/** Whether a value is an Error. A Proxy may throw when it is asked. */
function isError(value: unknown): value is Error {
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
}

/** Reads a property, and returns undefined if that throws. */
export function readProperty(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

/** Returns a primitive value as text; undefined for anything else, because an object's content may be private. */
function plainText(value: unknown): string | undefined {
  const isPlain = ['string', 'number', 'boolean', 'bigint', 'symbol'].includes(typeof value);
  return isPlain ? redact(String(value)) : undefined;
}

/**
 * `<bot id>:<secret>`, also in URL encoding: the Bot API has the token in the path of every call. The pattern is
 * wider than today's 35 characters, because losing a queue's ARN from a line is better than keeping a token in it.
 */
const BOT_TOKEN = /\d{1,16}(:|%3A)[\w-]{20,}/gi;

function redact(text: string): string {
  return text.replace(BOT_TOKEN, '<bot token>');
}
