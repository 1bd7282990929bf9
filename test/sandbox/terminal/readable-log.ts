interface Entry {
  readonly level?: string;
  readonly message: string | Readonly<Record<string, unknown>>;
}

/**
 * Returns whether a line of a Lambda's JSON log reports an error. The registrar's errors do not count,
 * because the deploy already shows them as its reasons.
 */
export function isError(line: string): boolean {
  const { level, message } = entryIn(line);
  return level === 'ERROR' && !JSON.stringify(message).includes('"registrar.failed"');
}

/**
 * The folder that the sandbox has copied a function's code to. It is looked for only where a word begins: at every
 * character, a long line without spaces would take seconds.
 */
const CODE_DIRECTORY = /(?<![^\s()])[^\s()]*[\\/]sandbox-\w+[\\/]functions[\\/][^\s()\\/]+[\\/]/g;
/** A line of a stack trace in the sandbox's own runtime. */
const RUNTIME_FRAME = /\n\s+at [^\n]*[\\/]sandbox-\w+[\\/]runtime[\\/][^\n]*/g;
const REQUEST_ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const TIMEOUT = /Task timed out after/;

/**
 * Turns a line of a Lambda's JSON log into text for a person: the message, or the error with its stack and its cause,
 * in which the files of a function have their paths in the project.
 */
export function readableLog(line: string): string {
  return readable(line).replace(CODE_DIRECTORY, '').replace(RUNTIME_FRAME, '');
}

/** Which of the kit's events are errors: it logs all of them at level ERROR. */
const FAILURE = /\.(failed|refused|unfinished|unqueued|unscheduled|misconfigured)$/;

/** A line of a log, for a person. */
export interface ReadableLine {
  readonly text: string;
  readonly isError: boolean;
  /** The error in it, and the update that it belongs to if the line says so. */
  readonly error?: { readonly type: string; readonly message: string; readonly updateId?: number };
}

/** Reads a line of a Lambda's JSON log, or another one. */
export function readLine(line: string): ReadableLine {
  const { level, message } = entryIn(line);
  const text = readableLog(line);
  const isError = level === 'ERROR' || level === 'FATAL';
  if (typeof message === 'string') return { text, isError: isError || TIMEOUT.test(message) };
  const { event, errorType, errorMessage, updateId } = message;
  if (typeof errorMessage !== 'string') {
    return { text, isError: isError && (typeof event !== 'string' || FAILURE.test(event)) };
  }
  const error = { type: String(errorType ?? 'Error'), message: errorMessage };
  return {
    ...{ text, isError },
    error: typeof updateId === 'number' ? { ...error, updateId } : error,
  };
}

/**
 * Returns what identifies the error in a line of a log, which is the same when the same update fails in the same way
 * again; undefined for a line without an error.
 */
export function errorIn(line: string): string | undefined {
  const { message } = entryIn(line);
  const isFailure =
    typeof message === 'string' ? TIMEOUT.test(message) : typeof message.errorMessage === 'string';
  if (!isFailure) return undefined;
  const updateId = typeof message === 'string' ? '' : (message.updateId ?? '');
  return `${updateId} ${readable(line).replace(REQUEST_ID, '')}`;
}

/** Returns whether what `errorIn` has returned belongs to a certain update. */
export function hasUpdateId(error: string): boolean {
  return /^\d/.test(error);
}

function readable(line: string): string {
  const { message } = entryIn(line);
  if (typeof message === 'string') return message;
  const { errorType, errorMessage, stackTrace, cause } = message;
  if (typeof errorMessage !== 'string') return JSON.stringify(message);
  const stack = Array.isArray(stackTrace) ? stackTrace.join('\n') : '';
  const error = stack.includes(errorMessage) ? stack : `${errorType}: ${errorMessage}\n${stack}`;
  return typeof cause === 'string' ? `${error.trimEnd()}\n  cause: ${cause}` : error;
}

/** Parses a line of a log, which may be plain text from the runtime or a library. */
function entryIn(line: string): Entry {
  try {
    const entry: Partial<Entry> | null = JSON.parse(line);
    // Also for null, which is what `console.log(null)` has as its message.
    return { ...entry, message: entry?.message ?? line };
  } catch {
    return { message: line };
  }
}
