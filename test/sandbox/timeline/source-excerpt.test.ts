import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { excerptOf } from './source-excerpt.ts';

const TEN_LINES = Array.from({ length: 10 }, (_, index) => `line ${index + 1}`).join('\n');
const FILES = [
  'bot.ts',
  'functions/receiver/index.ts',
  'node_modules/library/index.js',
  '.secrets/token.ts',
  'secrets.json',
  '../outside.ts',
];

let directory: string;
let root: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'excerpt-'));
  root = join(directory, 'project');
  for (const file of FILES) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), TEN_LINES);
  }
  symlinkSync(join(directory, 'outside.ts'), join(root, 'link.ts'));
});

afterAll(() => rmSync(directory, { recursive: true }));

const excerpt = (...frames: string[]) =>
  excerptOf(root, { message: 'no', stack: `Error: no\n${frames.join('\n')}` });
const numbers = (...frames: string[]) => excerpt(...frames)?.lines.map(({ number }) => number);

it('shows the line that threw between three lines on each side', () => {
  expect(excerpt('    at onUpdate (bot.ts:5:9)')).toMatchObject({
    file: 'bot.ts',
    line: 5,
    lines: [2, 3, 4, 5, 6, 7, 8].map((number) => ({ number, text: `line ${number}` })),
  });
});

it('shows fewer lines at the beginning and at the end of a file', () => {
  expect(numbers('    at bot.ts:1:1')).toEqual([1, 2, 3, 4]);
  expect(numbers('    at async Promise.all (index 0)', '    at bot.ts:10:1')).toEqual([
    7, 8, 9, 10,
  ]);
  expect(numbers('    at bot.ts:11:1')).toBeUndefined();
});

it('accepts absolute paths of the project', () => {
  expect(excerpt(`    at file://${root}/bot.ts:5:9`)?.file).toBe('bot.ts');
});

it('prefers the code of the bot to that of the kit and of libraries', () => {
  const kit = '    at call (functions/receiver/index.ts:4:1)';
  const library = '    at call (node_modules/library/index.js:4:1)';
  expect(excerpt(library, kit, '    at onUpdate (bot.ts:5:9)')?.file).toBe('bot.ts');
  expect(excerpt(library, kit)?.file).toBe('functions/receiver/index.ts');
});

it.each([
  'node_modules/library/index.js',
  '.secrets/token.ts',
  'secrets.json',
  '../outside.ts',
  'link.ts',
  'missing.ts',
  'node:internal/process',
])('does not show %s', (path) => {
  expect(excerpt(`    at x (${path}:4:1)`)).toBeUndefined();
});

it('shows nothing of a folder whose name is that of a source', () => {
  mkdirSync(join(root, 'folder.ts'));
  expect(excerpt('    at x (folder.ts:1:1)')).toBeUndefined();
});

it('does not take the text of an error for a line of its stack', () => {
  const message = 'no\n    at x (bot.ts:5:9)';
  expect(
    excerptOf(root, { message, stack: `Error: ${message}\n    at missing.ts:1:1` }),
  ).toBeUndefined();
});
