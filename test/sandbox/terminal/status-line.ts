import { type SafeText, style } from './style.ts';
import { cut } from './width.ts';

/** Notes and one line of status below them, on standard error, which keeps standard output for the chat. */

const CLEAR_LINE = '\r\x1b[K';
const NARROWEST = 10;

let shown: SafeText | undefined;

/** Prints a line, above the status line if there is one. */
export function note(text: SafeText): void {
  process.stderr.write(shown === undefined ? `${text}\n` : `${CLEAR_LINE}${text}\n`);
  if (shown !== undefined) draw(shown);
}

/** Replaces the status line. Only for a terminal. */
export function showStatus(text: SafeText): void {
  shown = text;
  draw(text);
}

/** Removes the status line. */
export function clearStatus(): void {
  if (shown !== undefined) process.stderr.write(CLEAR_LINE);
  shown = undefined;
}

/** Leaves the last column free, because a terminal that has written to it may go to the next line. */
function draw(text: SafeText): void {
  const columns = Math.max(NARROWEST, process.stderr.columns ?? 80) - 1;
  process.stderr.write(`${CLEAR_LINE}${style('dim', cut(text.replaceAll(/\s+/g, ' '), columns))}`);
}
