import { expect, it } from 'vitest';
import { runStart } from './start-run.ts';

it('names the file and the line of the project when a bot throws', async () => {
  const run = await runStart('hello\n', { args: ['-c', 'entry=test/bots/throws.ts'] });
  expect(run.stdout).toMatch(
    /Error: This bot finds nothing\n +at find \(test\/bots\/throws\.ts:4:9\)\n/,
  );
  expect(run).toMatchObject({ exitCode: 1, left: [] });
});
