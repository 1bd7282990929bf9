import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { darkProblems, darkWays, goDark } from './dark.ts';

const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8');

it.each(darkWays)(
  'notices, explains and, where it can, repairs: $name',
  async (way) => {
    const result = await goDark(way);
    expect(darkProblems(result)).toEqual([]);
    const row = readme.split('\n').find((line) => line.startsWith(`| ${way.name} |`));
    expect(row?.split(' | ')[2]).toBe(result.report?.condition);
  },
  60_000,
);
