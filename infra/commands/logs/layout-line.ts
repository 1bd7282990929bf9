import { styleText } from 'node:util';
import type { LoggedEvent } from './log-tail.ts';
import type { ReadableEvent } from './readable.ts';

export interface LineLayout {
  readonly isColoured: boolean;
  /** Columns of the longest label. */
  readonly labelWidth: number;
}

const COLOURS = { error: 'red', warn: 'yellow' } as const;

/** Lays out an event: its local time, who wrote it, and its text, whose further lines are indented. */
export function layOutEvent(
  { timestamp, source }: Pick<LoggedEvent, 'timestamp' | 'source'>,
  { text, level }: Pick<ReadableEvent, 'text' | 'level'>,
  { isColoured, labelWidth }: LineLayout,
): string {
  const paint = (format: 'red' | 'yellow' | 'dim', part: string) =>
    isColoured ? styleText(format, part, { validateStream: false }) : part;
  const [first = '', ...more] = text.split('\n');
  const tint = (part: string) => (level === 'info' ? part : paint(COLOURS[level], part));
  const head = paint('dim', `${timeOf(timestamp)} ${source.label.padEnd(labelWidth)}`);
  return [`${head} ${tint(first)}`, ...more.map((line) => tint(`  ${line}`))].join('\n');
}

/** Returns the local time of day: `22:10:46.123`. */
function timeOf(timestamp: number): string {
  const date = new Date(timestamp);
  const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()].map(
    (number) => String(number).padStart(2, '0'),
  );
  return `${hours}:${minutes}:${seconds}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** Returns the local day: `2027-03-01`. */
export function dayOf(timestamp: number): string {
  const date = new Date(timestamp);
  const [month, day] = [date.getMonth() + 1, date.getDate()].map((number) =>
    String(number).padStart(2, '0'),
  );
  return `${date.getFullYear()}-${month}-${day}`;
}
