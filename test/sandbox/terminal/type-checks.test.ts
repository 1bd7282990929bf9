import { expect, it, vi } from 'vitest';
import type { Sandbox } from '../sandbox.ts';
import { TypeChecks } from './type-checks.ts';

it('checks nothing after its end, such as for a deploy that the end of the chat has overtaken', async () => {
  const folder = vi.fn();
  const checks = new TypeChecks({ folder } as unknown as Sandbox, vi.fn(), {} as never);
  await checks.end();
  checks.check();
  await checks.end();
  expect(folder).not.toHaveBeenCalled();
});
