import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** Colours a text on a terminal; leaves it plain in a file, in a pipe, or when NO_COLOR is set. */
export function style(format: Format, text: string): string {
  const coloured = process.stdout.isTTY && process.stderr.isTTY && !process.env.NO_COLOR;
  return coloured ? styleText(format, text) : text;
}

/** Trims a text and indents every line by two columns. */
export function indent(text: string): string {
  return text.trim().replaceAll(/^/gm, '  ');
}

/** Prints to standard error, which keeps standard output for the chat. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
