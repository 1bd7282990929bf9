import { expect, it } from 'vitest';
import { describeTypeFaults } from './type-faults.ts';

const fault = (row: number) => ({ place: `functions/bot.ts:${row}:1`, message: `no ${row}` });

it('shows a few type errors, and how to see the others', () => {
  expect(describeTypeFaults([1, 2, 3, 4, 5, 6, 7].map(fault))?.split('\n').slice(1)).toEqual([
    ...[1, 2, 3, 4, 5].map((row) => `  functions/bot.ts:${row}:1  no ${row}`),
    '  2 more: npm run typecheck',
  ]);
});

it('shows an error without a place, and makes control characters visible', () => {
  const faults = [{ place: undefined, message: 'No inputs \x1b[2J' }];
  expect(describeTypeFaults(faults)?.split('\n').slice(1)).toEqual(['  No inputs ␛[2J']);
});

it('says nothing when there are none', () => {
  expect(describeTypeFaults([])).toBeUndefined();
});
