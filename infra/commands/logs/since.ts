import { WrongOptionError } from '../run-main.ts';

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Parses when to begin: how long ago (`90s`, `15m`, `1h`, `2d`), or a date and time, local unless it names a zone
 * (`2027-03-01T12:00`).
 *
 * @returns milliseconds since 1970
 * @throws WrongOptionError for anything else, and for a time in the future
 */
export function parseSince(text: string, now: number): number {
  const [, amount, unit] = /^(\d+)\s*([smhd])$/.exec(text) ?? [];
  const since =
    amount === undefined
      ? // Date.parse would also accept `1` and take it for a month.
        /^\d{4}-\d\d-\d\d/.test(text)
        ? Date.parse(/^[\d-]{10}$/.test(text) ? `${text}T00:00` : text)
        : Number.NaN
      : now - Number(amount) * UNITS[unit as keyof typeof UNITS];
  if (Number.isFinite(since) && since <= now && since >= 0) return since;
  throw new WrongOptionError(
    `--since takes 90s, 15m, 1h, 2d or a past date and time such as 2027-03-01T12:00, got ${text}`,
  );
}
