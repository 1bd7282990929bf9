/** A line that a person has typed. */
export type Typed =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'button'; readonly number: number }
  | { readonly kind: 'command'; readonly name: string; readonly argument: string };

const BUTTON = /^:(\d+)\s*$/;
const COMMAND = /^:([a-z][a-z-]*|\?)(?:\s+([\s\S]*))?$/;

/**
 * Reads a typed line. The chat's own commands begin with a colon, so that everything else, commands with a slash
 * included, belongs to the bot. Two colons begin a text with one; a colon before anything but a name, as in `:)`, is text too.
 */
export function parse(typed: string): Typed {
  if (typed.startsWith('::')) return { kind: 'text', text: typed.slice(1) };
  const [, number] = BUTTON.exec(typed) ?? [];
  if (number !== undefined) return { kind: 'button', number: Number(number) };
  const [, name, argument = ''] = COMMAND.exec(typed) ?? [];
  if (name !== undefined) return { kind: 'command', name, argument: argument.trim() };
  return { kind: 'text', text: typed };
}
