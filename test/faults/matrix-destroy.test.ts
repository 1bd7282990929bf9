import { expect, it } from 'vitest';
import { expectedNames, namesIn } from './matrix.ts';
import { committed, testSteps } from './matrix-tests.ts';

await testSteps('destroy');

it('lists every step and every fault in the committed matrix', () => {
  expect(namesIn(committed)).toEqual(expectedNames());
});
