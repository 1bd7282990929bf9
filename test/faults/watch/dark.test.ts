import { expect, it } from 'vitest';
import { darkProblems, darkWays, goDark } from './dark.ts';

it.each(darkWays)(
  'notices, explains and, where it can, repairs: $name',
  async (way) => {
    expect(darkProblems(await goDark(way))).toEqual([]);
  },
  60_000,
);
