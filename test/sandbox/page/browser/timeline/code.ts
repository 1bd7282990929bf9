import { escapeHidden } from '../escape-hidden.ts';

/** As wide as a line may be inside a test. */
const WIDTH = 95;

/**
 * Writes a JSON value as TypeScript, the way Biome formats it.
 *
 * @param indent the columns before the line that it begins in
 * @param room the columns that are left in that line
 */
export function asCode(value: unknown, indent = 0, room = WIDTH - indent): string {
  if (typeof value === 'string') return stringCode(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const isArray = Array.isArray(value);
  const items = isArray
    ? value.map((item) => asCode(item, indent + 2))
    : Object.entries(value).flatMap(([key, item]) => propertyCode(keyCode(key), item, indent + 2));
  const [open, close, gap] = isArray ? ['[', ']', ''] : ['{', '}', ' '];
  if (items.length === 0) return open + close;
  const line = `${open}${gap}${items.join(', ')}${gap}${close}`;
  if (line.length <= room && !line.includes('\n')) return line;
  const lines = items.map((item) => `${' '.repeat(indent + 2)}${item},\n`).join('');
  return `${open}\n${lines}${' '.repeat(indent)}${close}`;
}

function propertyCode(key: string, value: unknown, indent: number): string[] {
  if (value === undefined) return [];
  return [`${key}: ${asCode(value, indent, WIDTH - indent - key.length - 2)}`];
}

function keyCode(key: string): string {
  // As a plain property, `__proto__` would set the prototype.
  if (key === '__proto__') return `['__proto__']`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : stringCode(key);
}

function stringCode(text: string): string {
  const escaped = escapeHidden(JSON.stringify(text).slice(1, -1));
  return text.includes("'") && !text.includes('"')
    ? `"${escaped}"`
    : `'${escaped.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
