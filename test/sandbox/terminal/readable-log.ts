/** A line of a Lambda's JSON log as a person reads it: the message, or the error with its stack. */
export function readableLog(line: string): string {
  const message = messageIn(line);
  if (typeof message === 'string') return message;
  const { errorType, errorMessage, stackTrace } = message;
  if (typeof errorMessage !== 'string') return JSON.stringify(message);
  const stack = Array.isArray(stackTrace) ? stackTrace.join('\n') : '';
  return stack.includes(errorMessage) ? stack : `${errorType}: ${errorMessage}\n${stack}`;
}

function messageIn(line: string): string | Record<string, unknown> {
  try {
    const entry = JSON.parse(line);
    return entry.message ?? entry.record ?? line;
  } catch {
    return line;
  }
}
