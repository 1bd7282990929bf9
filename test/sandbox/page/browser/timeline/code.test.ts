import { transformSync } from 'esbuild';
import { expect, it } from 'vitest';
import { asCode } from './code.ts';

const evaluated = (code: string) => {
  // As a module sees it: a syntax error throws.
  transformSync(`export default (${code});`, { loader: 'ts' });
  return new Function(`return (${code});`)();
};

it.each([
  'plain',
  "it's",
  'say "hi"',
  `it's "both"`,
  '\\ \n \t \u2028 \u202e $' + '{x} `y`',
  { 'a-b': [1, null, true, { nested: { deeply: 'x'.repeat(90) } }], $ok: '', 1: 2 },
  JSON.parse('{ "__proto__": { "polluted": true } }'),
  [],
  {},
])('writes %j as code that means the same', (value) => {
  expect(evaluated(asCode(value))).toEqual(value);
});

it('is written as Biome formats it', () => {
  expect(asCode({ text: "it's", n: [1, 2] })).toBe(`{ text: "it's", n: [1, 2] }`);
  expect(asCode({ a: 'x'.repeat(50), b: 'y'.repeat(50) })).toBe(
    `{\n  a: '${'x'.repeat(50)}',\n  b: '${'y'.repeat(50)}',\n}`,
  );
});

it('leaves undefined properties out', () => {
  expect(asCode({ a: undefined, b: 1 })).toBe('{ b: 1 }');
});
