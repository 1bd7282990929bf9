/** Why an event failed. Commands stand on lines of their own, after a newline. */
export interface Explanation {
  /** What happened. Others have a hand in it, and it may have any length: Telegram's description is in it. */
  readonly what: string;
  /** What to do, in the registrar's own words. */
  readonly fix: string;
}

/**
 * How many bytes of JSON a reason has if possible, and at most. CloudFormation drops a response over 4096 bytes,
 * and then waits for another one until it times out.
 */
const USUAL_BYTES = 1000;
const MAX_BYTES = 2500;
/** How many bytes of what happened are kept, however long the fix is. */
const MIN_BYTES = 200;

/**
 * How many columns a command may have. In a terminal of 120 columns, the CDK CLI breaks longer lines of a reason
 * in the middle of a word, and what is then copied does not run.
 */
const COLUMNS = 119;

/** Writes an explanation as the reason of a failure: printable, short enough, and with its fix complete. */
export function toReason({ what, fix }: Explanation): string {
  const advice = fix.split('\n').map(printable).map(breakCommand).join('\n');
  if (!what) return limit(advice, MAX_BYTES);
  const room = Math.max(USUAL_BYTES - bytesOf(advice), MIN_BYTES);
  return limit(`${limit(printable(what), room)}. ${advice}`, MAX_BYTES);
}

/** Removes control characters, which a terminal would obey, and invisible ones. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
}

/** Breaks a long command where a shell continues it: after a backslash, between two words if possible. */
function breakCommand(line: string): string {
  if (!/^(aws|cdk|npm) /.test(line)) return line;
  const lines: string[] = [];
  let rest = line;
  while (rest.length > COLUMNS) {
    const space = rest.lastIndexOf(' ', COLUMNS - 2);
    const end = space > 0 ? space + 1 : COLUMNS - 1;
    lines.push(`${rest.slice(0, end)}\\`);
    rest = rest.slice(end);
  }
  return [...lines, rest].join('\n');
}

/** Shortens a text to this many bytes of JSON. */
function limit(text: string, bytes: number): string {
  if (bytesOf(text) <= bytes) return text;
  let room = bytes - bytesOf('…');
  let end = 0;
  for (const character of text) {
    room -= bytesOf(character);
    if (room < 0) break;
    end += character.length;
  }
  return `${text.slice(0, end).trimEnd()}…`;
}

/** Returns how many bytes a text takes within a JSON string. */
function bytesOf(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}
