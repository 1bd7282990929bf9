import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** Colours on a terminal, plain text in a file, in a pipe, or where NO_COLOR is set. */
export function style(format: Format, text: string): string {
  const coloured = process.stdout.isTTY && process.stderr.isTTY && !process.env.NO_COLOR;
  return coloured ? styleText(format, text) : text;
}

/** Every line of a text, two columns to the right. */
export function indent(text: string): string {
  return text.trim().replaceAll(/^/gm, '  ');
}

/** What goes on around the chat goes to standard error, so that a script gets the answers alone. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
