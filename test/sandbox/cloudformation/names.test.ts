import { expect, it } from 'vitest';
import { physicalName } from './names.ts';

it('builds a name from the stack, the logical id and a random suffix', () => {
  const names = [physicalName('Stack', 'Thing', 64), physicalName('Stack', 'Thing', 64)];
  for (const name of names) expect(name).toMatch(/^Stack-Thing-\w{12}$/);
  expect(names[0]).not.toBe(names[1]);
});

it('shortens both parts of a name that is too long', () => {
  const name = physicalName('S'.repeat(60), 'L'.repeat(60), 64);
  expect(name).toMatch(/^S{26}-L{24}-\w{12}$/);
  expect(name).toHaveLength(64);
});
