import { visible } from '../visible.ts';

/** Writes a JSON value as TypeScript, the way Biome formats it. */
export function asCode(value: unknown, indent = 0): string {
  if (typeof value === 'string') return stringCode(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const [open, close, items] = Array.isArray(value)
    ? ['[', ']', value.map((item) => asCode(item, indent + 2))]
    : ['{', '}', propertiesOf(value, indent)];
  if (items.length === 0) return open + close;
  const isArray = open === '[';
  const line = isArray ? `[${items.join(', ')}]` : `{ ${items.join(', ')} }`;
  if (indent + line.length <= 80 && !line.includes('\n')) return line;
  const inner = ' '.repeat(indent + 2);
  return `${open}\n${items.map((item) => `${inner}${item},\n`).join('')}${' '.repeat(indent)}${close}`;
}

function propertiesOf(value: object, indent: number): string[] {
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => `${keyCode(key)}: ${asCode(item, indent + 2)}`);
}

function keyCode(key: string): string {
  // As a plain property, `__proto__` would set the prototype.
  if (key === '__proto__') return `['__proto__']`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : stringCode(key);
}

function stringCode(text: string): string {
  const escaped = visible(JSON.stringify(text).slice(1, -1));
  return text.includes("'") && !text.includes('"')
    ? `"${escaped}"`
    : `'${escaped.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
