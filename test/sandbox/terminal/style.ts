import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/**
 * A text that may go to the terminal: the only control characters in it are line breaks, tabs, and those
 * of `style`. Everything that prints takes no other type, because a bot, an update and a log may contain
 * sequences that change the terminal's title, clipboard or colours, or hide what was printed before.
 */
export type SafeText = string & { readonly isSafe: true };

/** What is printed as `<token>`. */
const secrets: string[] = [];

/** C0, DEL and C1 without tab and line feed, and what reverses the direction of the text that follows. */
const INVISIBLE = /(?![\t\n])[\p{Cc}\u202a-\u202e]/gu;

/** Hides a bot token in everything that is printed from now on: whole, and without the bot's id in front of it. */
export function hideToken(token: string): void {
  secrets.push(token, token.slice(token.indexOf(':') + 1));
}

/**
 * Makes the control characters in a text visible: ␛ for escape, `\u009b` for those without a picture. Leaves out the
 * tokens of `hideToken`.
 */
export function visible(text: string): SafeText {
  const shown = secrets.reduce((rest, secret) => rest.replaceAll(secret, '<token>'), text);
  return shown.replaceAll('\r\n', '\n').replaceAll(INVISIBLE, pictureOf) as SafeText;
}

function pictureOf(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** Puts a line together from texts that are safe. */
export function line(
  strings: TemplateStringsArray,
  ...values: readonly (SafeText | number)[]
): SafeText {
  return String.raw({ raw: strings }, ...values) as SafeText;
}

/** Colours a text on a terminal; leaves it plain in a file, in a pipe, or when NO_COLOR is set. */
export function style(format: Format, text: string): SafeText {
  const coloured = process.stdout.isTTY && process.stderr.isTTY && !process.env.NO_COLOR;
  return (coloured ? styleText(format, visible(text)) : visible(text)) as SafeText;
}

/** Trims a text and indents every line by two columns. */
export function indent(text: SafeText): SafeText {
  return text.trim().replaceAll(/^/gm, '  ') as SafeText;
}
