/** C0, DEL and C1, and what reverses the direction of the text that follows. */
const INVISIBLE = /[\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu;

/**
 * Returns a text as one line without control characters: names and errors from elsewhere may contain sequences that
 * change a terminal.
 */
export function oneLine(text: string): string {
  return text.replaceAll(INVISIBLE, ' ').replaceAll(/ {2,}/g, ' ').trim();
}

/** Breaks a line into lines of at most `columns` characters, between words where it can. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > columns) {
    const space = rest.lastIndexOf(' ', columns);
    const end = space > 0 ? space : columns;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest];
}

/** Spells a duration with its largest unit, rounded down: `3 hours`. */
export function durationInWords(milliseconds: number): string {
  const units = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1000],
  ] as const;
  const [name, length] = units.find(([, length]) => milliseconds >= length) ?? ['second', 1000];
  return count(Math.max(0, Math.floor(milliseconds / length)), name);
}

/** Spells a count: `1 update`, `2 updates`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
