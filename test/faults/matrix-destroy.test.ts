import { expect, it } from 'vitest';
import { namesIn, namesOfAll } from './matrix.ts';
import { committed, testSteps } from './matrix-tests.ts';

await testSteps('destroy');

it('has a table of every step and every fault that there is', () => {
  expect(namesIn(committed)).toEqual(namesOfAll());
});
