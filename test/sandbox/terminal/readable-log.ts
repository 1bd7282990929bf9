interface Entry {
  readonly level?: string;
  readonly message?: string | Readonly<Record<string, unknown>>;
}

/**
 * Returns whether a line of a Lambda's JSON log reports an error. The registrar's errors do not count,
 * because the deploy already shows them as its reasons.
 */
export function isError(line: string): boolean {
  const { level, message } = entryIn(line);
  return level === 'ERROR' && !JSON.stringify(message).includes('"registrar.failed"');
}

/** The folder that the sandbox has copied a function's code to. */
const CODE_DIRECTORY = /(?:file:\/\/)?[^\s()]*[\\/]sandbox-\w+[\\/]functions[\\/][^\s()\\/]+[\\/]/g;

/**
 * Turns a line of a Lambda's JSON log into text for a person: the message, or the error with its stack, in which the
 * files of a function have their paths in the project.
 */
export function readableLog(line: string): string {
  return readable(line).replace(CODE_DIRECTORY, '');
}

function readable(line: string): string {
  const { message = line } = entryIn(line);
  if (typeof message === 'string') return message;
  const { errorType, errorMessage, stackTrace } = message;
  if (typeof errorMessage !== 'string') return JSON.stringify(message);
  const stack = Array.isArray(stackTrace) ? stackTrace.join('\n') : '';
  return stack.includes(errorMessage) ? stack : `${errorType}: ${errorMessage}\n${stack}`;
}

/** Parses a line of a log, which may be plain text from the runtime or a library. */
function entryIn(line: string): Entry {
  try {
    return JSON.parse(line);
  } catch {
    return { message: line };
  }
}
