/** A log event as a person reads it. */
export interface ReadableEvent {
  /** May have several lines, without control characters. */
  readonly text: string;
  readonly level: 'error' | 'warn' | 'info';
  /** Whether it is only of interest to someone who wants everything: Lambda's own lines about each invocation. */
  readonly isRoutine: boolean;
}

type Json = Readonly<Record<string, unknown>>;

/** C0 except tab and line feed, DEL and C1, and what reverses the direction of the text that follows. */
const INVISIBLE = /(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;
/** How Lambda's text format begins a line: time, request id and level. */
const TEXT_PREFIX = /^\S+Z\t\S+\t(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\t/;
const TEXT_ROUTINE = /^(INIT_START|START RequestId|END RequestId|REPORT RequestId|XRAY TraceId)\b/;

/**
 * Reads a log event: a line of a Lambda in JSON or in text, of the gateway's access log, or of the watch's metric.
 * Stack traces have the positions that the line has, which for the errors of a bot are those of its sources.
 */
export function readEvent(message: string): ReadableEvent {
  const { text, ...event } = interpret(message.trimEnd());
  return { ...event, text: text.replaceAll(/\r\n?/g, '\n').replaceAll(INVISIBLE, ' ').trimEnd() };
}

function interpret(message: string): ReadableEvent {
  const json = parse(message);
  if (!json) return textLine(message);
  if (json._aws)
    return { text: `metric ${facts(without(json, '_aws'))}`, level: 'info', isRoutine: true };
  if (typeof json.type === 'string' && json.type.startsWith('platform.')) return platformLine(json);
  if ('status' in json && 'method' in json) return accessLine(json);
  if ('message' in json || 'errorMessage' in json) return lambdaLine(json);
  return { text: facts(json), level: 'info', isRoutine: false };
}

function textLine(message: string): ReadableEvent {
  const level = levelOf(TEXT_PREFIX.exec(message)?.[1]);
  const text = message.replace(TEXT_PREFIX, '');
  const isTimeout = /Task timed out/.test(text);
  return {
    text,
    level: isTimeout ? 'error' : level,
    // The provider framework logs every event that it passes on.
    isRoutine:
      TEXT_ROUTINE.test(text) || (level === 'info' && text.startsWith('[provider-framework]')),
  };
}

function lambdaLine({ level, message, ...root }: Json): ReadableEvent {
  // What is logged beside an error is the message, and the error's fields stand at the root.
  const fields = isObject(message)
    ? message
    : { ...pick(root, 'errorType', 'errorMessage', 'stackTrace'), message };
  const severity = severityOf(fields);
  return {
    text: objectText(fields),
    level: severity ?? (/Task timed out/.test(String(message)) ? 'error' : levelOf(level)),
    // Every five minutes a healthy bot is reported.
    isRoutine: isWatchReport(fields) && severity === 'info' && fields.repair === undefined,
  };
}

function objectText(fields: Json): string {
  if (isWatchReport(fields)) return watchText(fields);
  const { event, message, cause, fix, ...others } = fields;
  const { errorType, errorMessage, stackTrace, ...rest } = others;
  const head = [event, message, facts(rest)].filter((part) => part !== undefined && part !== '');
  if (typeof errorMessage !== 'string') {
    const more = facts({
      ...(cause !== undefined && { cause }),
      ...(fix !== undefined && { fix }),
    });
    return [...head, more].filter(Boolean).join(' ');
  }
  const title = `${errorType ?? 'Error'}: ${errorMessage}`;
  const error = [title, ...framesIn(stackTrace), ...(cause ? [`  cause: ${cause}`] : [])].join(
    '\n',
  );
  // `console.error(text, error)` has the whole error in its text already.
  if (head.join(' ').includes(errorMessage)) return head.join(' ');
  return head.length > 0 ? `${head.join(' ')}\n  ${error.replaceAll('\n', '\n  ')}` : error;
}

function isWatchReport({ condition, severity }: Json): boolean {
  return typeof condition === 'string' && typeof severity === 'string';
}

function watchText({ event, bot, condition, cause, fix, repair }: Json): string {
  const name = isObject(bot) ? `@${bot.username}` : bot;
  const repaired = repair === undefined ? undefined : `(repair ${repair})`;
  return [event, name, condition, repaired, cause, fix].filter(Boolean).join(' ');
}

/** Frames of the receiver, which calls the bot. */
const RECEIVER = /\bfunctions\/receiver\//;
/** Frames of Node and of Lambda's runtime. */
const RUNTIME = /node:|file:\/\/\S*\/runtime\//;

/**
 * Returns the frames of a stack trace without its title, and without those that are the same for every error: of the
 * runtime, and of the receiver below the bot's own.
 */
function framesIn(stackTrace: unknown): string[] {
  if (!Array.isArray(stackTrace)) return [];
  const frames = stackTrace
    .map(String)
    .filter((frame) => /^\s*at /.test(frame) && !RUNTIME.test(frame))
    .map((frame) => `    ${frame.trim()}`);
  const last = frames.findLastIndex((frame) => !RECEIVER.test(frame) && !/<anonymous>/.test(frame));
  return last < 0 ? frames : frames.slice(0, last + 1);
}

function platformLine({ type, record }: Json): ReadableEvent {
  const { status, metrics, errorType } = Object(record);
  const isFailure = status !== undefined && status !== 'success';
  const { durationMs, initDurationMs, maxMemoryUsedMB, memorySizeMB } = Object(metrics);
  const parts = [
    String(type).replace('platform.', 'Lambda '),
    status,
    errorType,
    durationMs === undefined ? '' : `${Math.round(durationMs)} ms`,
    initDurationMs === undefined ? '' : `init ${Math.round(initDurationMs)} ms`,
    maxMemoryUsedMB === undefined ? '' : `${maxMemoryUsedMB} of ${memorySizeMB} MB`,
  ];
  return {
    text: parts.filter(Boolean).join(' '),
    level: isFailure ? 'error' : 'info',
    // One of the lines about a failed invocation is enough.
    isRoutine: !isFailure || type !== 'platform.report',
  };
}

function accessLine(json: Json): ReadableEvent {
  const { method, status, responseLatency, sourceIp, integrationError } = json;
  const error = integrationError && integrationError !== '-' ? `: ${integrationError}` : '';
  const code = Number(status);
  return {
    text: `${method} ${status} in ${responseLatency} ms from ${sourceIp}${error}`,
    level: code >= 500 ? 'error' : code >= 400 ? 'warn' : 'info',
    isRoutine: false,
  };
}

function severityOf({ severity }: Json): ReadableEvent['level'] | undefined {
  return ({ ok: 'info', warning: 'warn', error: 'error' } as const)[String(severity)];
}

function levelOf(level: unknown): ReadableEvent['level'] {
  if (level === 'ERROR' || level === 'FATAL') return 'error';
  return level === 'WARN' ? 'warn' : 'info';
}

/** Writes facts as `key=value`; text with spaces, lists and objects as JSON. */
function facts(json: Json): string {
  return Object.entries(json)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => {
      const isPlain = typeof value !== 'object' && /^\S+$/.test(String(value));
      return `${key}=${isPlain ? value : JSON.stringify(value)}`;
    })
    .join(' ');
}

function pick(json: Json, ...keys: string[]): Json {
  return Object.fromEntries(Object.entries(json).filter(([key]) => keys.includes(key)));
}

function without(json: Json, key: string): Json {
  return Object.fromEntries(Object.entries(json).filter(([name]) => name !== key));
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(line: string): Json | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const json: unknown = JSON.parse(line);
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}
