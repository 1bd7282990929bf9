interface Entry {
  readonly level?: string;
  readonly message?: string | Readonly<Record<string, unknown>>;
}

/** Whether a line of a Lambda's JSON log tells of an error; the registrar's are the deploy's own reasons. */
export function isError(line: string): boolean {
  const { level, message } = entryIn(line);
  return level === 'ERROR' && !JSON.stringify(message).includes('"registrar.failed"');
}

/** A line of a Lambda's JSON log as a person reads it: the message, or the error with its stack. */
export function readableLog(line: string): string {
  const { message = line } = entryIn(line);
  if (typeof message === 'string') return message;
  const { errorType, errorMessage, stackTrace } = message;
  if (typeof errorMessage !== 'string') return JSON.stringify(message);
  const stack = Array.isArray(stackTrace) ? stackTrace.join('\n') : '';
  return stack.includes(errorMessage) ? stack : `${errorType}: ${errorMessage}\n${stack}`;
}

/** Runtimes and libraries also print plain text. */
function entryIn(line: string): Entry {
  try {
    return JSON.parse(line);
  } catch {
    return { message: line };
  }
}
