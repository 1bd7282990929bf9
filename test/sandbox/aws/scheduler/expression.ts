import { ServiceError } from '../service-error.ts';

/** When a schedule is due. */
export type Expression =
  | { readonly kind: 'rate'; readonly everyMs: number }
  | { readonly kind: 'at'; readonly time: number };

const UNITS: Readonly<Record<string, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};
/** Minutes, hours, day of the month, month, day of the week, year. */
const CRON = /^cron\((\S+ ){5}\S+\)$/;

/** Reads `rate(5 minutes)` or `at(2026-01-31T12:00:00)`, in UTC. @throws ServiceError for anything else */
export function parseExpression(expression: string): Expression {
  const [, count = '', unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const everyMs = Number(count) * (UNITS[unit] ?? 0);
  if (everyMs > 0) return { kind: 'rate', everyMs };
  const at = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(expression)?.[1];
  const time = Date.parse(`${at}Z`);
  if (at && !Number.isNaN(time)) return { kind: 'at', time };
  if (isCron(expression)) {
    const message = `The sandbox's Scheduler runs only rate(…) and at(…), got ${expression}`;
    throw new ServiceError('ValidationException', message);
  }
  const message = `Invalid Schedule Expression ${expression}.`;
  throw new ServiceError('ValidationException', message);
}

/** A day is given either in the month or in the week; the other field is `?`. */
function isCron(expression: string): boolean {
  if (!CRON.test(expression)) return false;
  const [, , dayOfMonth, , dayOfWeek] = expression.slice('cron('.length, -1).split(' ');
  return (dayOfMonth === '?') !== (dayOfWeek === '?');
}
