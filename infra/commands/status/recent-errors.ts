import {
  type CloudWatchLogsClient,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';

export interface LoggedError {
  /** ISO time. */
  readonly at: string;
  /** One line: the error and, if its stack is known, where it was thrown. */
  readonly message: string;
}

const HOUR = 3_600_000;
/** How far the search goes back, in steps, because CloudWatch Logs returns the oldest events first. */
const STEPS = [HOUR, 24 * HOUR, 7 * 24 * HOUR];
/** A log that has more pages in one step than this is too long to be searched to its end. */
const MAX_PAGES = 20;
/** Lines that may be errors; `loggedErrorIn` decides. */
const PATTERN = '?ERROR ?FATAL ?"timed out"';

/** Returns the last errors of the past week in a log group, the newest first. */
export async function recentErrors(
  client: CloudWatchLogsClient,
  logGroupName: string,
  { now, limit }: { now: number; limit: number },
): Promise<LoggedError[]> {
  // Open at first: the clock of this machine may be behind that of AWS.
  let endTime: number | undefined;
  let newest: LoggedError[] = [];
  for (const step of STEPS) {
    const startTime = now - step;
    const pages = paginateFilterLogEvents(
      { client },
      { logGroupName, startTime, endTime, filterPattern: PATTERN },
    );
    let found: LoggedError[] = [];
    let pageCount = 0;
    for await (const { events = [] } of pages) {
      const errors = events.flatMap(({ timestamp = 0, message = '' }) => {
        const error = loggedErrorIn(message);
        return error === undefined
          ? []
          : [{ at: new Date(timestamp).toISOString(), message: error }];
      });
      found = [...found, ...errors].slice(-limit);
      pageCount += 1;
      if (pageCount === MAX_PAGES) break;
    }
    newest = [...newest, ...found.reverse()].slice(0, limit);
    if (newest.length === limit) break;
    endTime = startTime - 1;
  }
  return newest;
}

/** Returns the error that a line of a Lambda's JSON log reports, in one line; undefined if it reports none. */
export function loggedErrorIn(line: string): string | undefined {
  const { level, message } = parse(line);
  if (typeof message === 'string') {
    const isError = level === 'ERROR' || level === 'FATAL' || /Task timed out/.test(message);
    return isError ? message : undefined;
  }
  if (level !== 'ERROR' && level !== 'FATAL') return undefined;
  const { event, errorType, errorMessage, stackTrace, ...facts } = Object(message);
  if (typeof errorMessage !== 'string') {
    return [event, JSON.stringify(facts)].filter((part) => part !== undefined).join(' ');
  }
  const frame = Array.isArray(stackTrace)
    ? stackTrace.map(String).find((entry) => /^\s+at /.test(entry) && !/node:/.test(entry))
    : undefined;
  return `${errorType ?? 'Error'}: ${errorMessage}${frame ? ` (${frame.trim()})` : ''}`;
}

/** Parses a line of a log, which may be plain text from the runtime or a library. */
function parse(line: string): { level?: unknown; message: unknown } {
  try {
    const { level, message = line } = Object(JSON.parse(line));
    return { level, message };
  } catch {
    return { message: line };
  }
}
