import { format } from 'node:util';

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;
type Level = (typeof LEVELS)[number];

const isJson = process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON';
const lowest = LEVELS.indexOf((process.env.AWS_LAMBDA_LOG_LEVEL ?? 'TRACE') as Level);
let requestId = '-';

export function setRequestId(id: string): void {
  requestId = id;
}

/** Makes `console` write log lines in Lambda's format. */
export function patchConsole(): void {
  const at =
    (level: Level) =>
    (...parts: unknown[]) =>
      writeLog(level, ...parts);
  Object.assign(console, {
    trace: at('TRACE'),
    debug: at('DEBUG'),
    info: at('INFO'),
    log: at('INFO'),
    warn: at('WARN'),
    error: at('ERROR'),
    fatal: at('FATAL'),
  });
}

export function writeLog(level: Level, ...parts: unknown[]): void {
  if (LEVELS.indexOf(level) < lowest) return;
  const timestamp = new Date().toISOString();
  const line = isJson
    ? jsonLine({ timestamp, level, requestId }, parts)
    : [timestamp, requestId, level, format(...parts)].join('\t');
  // One event is one line, so Lambda's runtime writes line breaks within it as carriage returns.
  process.stdout.write(`${line.replaceAll('\n', '\r')}\n`);
}

function jsonLine(head: object, parts: readonly unknown[]): string {
  if (parts.length === 1) {
    try {
      return JSON.stringify({ ...head, message: parts[0] }, (_key, value) =>
        value instanceof Error ? { ...errorFields(value), ...value } : value,
      );
    } catch {
      // It has no JSON form: it contains a circular structure or a BigInt.
    }
  }
  const error = parts.slice(1).find((part) => part instanceof Error);
  return JSON.stringify({ ...head, message: format(...parts), ...(error && errorFields(error)) });
}

function errorFields(error: Error): object {
  return {
    errorType: error.constructor.name,
    errorMessage: error.message,
    stackTrace: error.stack?.split('\n') ?? [],
  };
}
