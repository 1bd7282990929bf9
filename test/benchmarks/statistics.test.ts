import { expect, it } from 'vitest';
import { median, shuffled } from './statistics.ts';

it.each([
  [[7], 7],
  [[30, 4, 5], 5],
  [[4, 1, 3, 2], 2.5],
])('the median of %j is %j', (values, expected) => {
  expect(median(values)).toBe(expected);
});

it('there is no median of nothing', () => {
  expect(() => median([])).toThrow('No values');
});

it('takes the median of values that it leaves in their order', () => {
  const values = [3, 1, 2];
  median(values);
  expect(values).toEqual([3, 1, 2]);
});

it('shuffles without losing any', () => {
  const values = Array.from({ length: 100 }, (_, index) => index);
  expect(shuffled(values)).not.toEqual(values);
  expect(shuffled(values).sort((a, b) => a - b)).toEqual(values);
});
