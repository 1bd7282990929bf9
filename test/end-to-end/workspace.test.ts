import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { leftIn, prints, runStart, spawnStart, temporaryDirectory } from './start-run.ts';
import { copyToWorkspace } from './workspace.ts';

it('runs npm start in a workspace with hoisted packages, and reports type errors beside the chat', async () => {
  const project = copyToWorkspace();
  writeFileSync(join(project, 'functions/bot.ts'), 'export const handler: string = 42;\n');
  const directory = temporaryDirectory();
  const child = spawnStart(directory, [], project);
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const reported = prints(child, 'is not assignable');
  const exited = once(child, 'exit');
  child.stdin.write('hello\n');
  await Promise.race([reported, exited]);
  child.stdin.end('bye\n');
  const [exitCode] = await exited;
  const [stdout, stderr] = await output;

  expect(stdout).toBe('@sandbox_bot: hello\n@sandbox_bot: bye\n');
  expect(stderr).toContain(
    "  functions/bot.ts:1:14  Type 'number' is not assignable to type 'string'.\n",
  );
  expect(exitCode).toBe(0);
  expect(leftIn(directory)).toEqual([]);
});

it('shows only the place of a syntax error in the bot', async () => {
  const project = copyToWorkspace();
  writeFileSync(join(project, 'test/bots/unfinished.ts'), 'export const handler = {');
  const run = await runStart('hello\n', { project, args: ['-c', 'entry=test/bots/unfinished.ts'] });
  const [title, ...lines] = run.stderr.split('\n');
  expect(title).toBe('Synthesizing the app');
  expect(lines[0]).toMatch(/^✘ \[ERROR\] /);
  expect(run.stderr).toMatch(/test\/bots\/unfinished\.ts:1:\d+:\n.*export const handler = \{\n/);
  expect(lines.length).toBeLessThan(8);
  expect(run).toMatchObject({ exitCode: 1, stdout: '', left: [] });
});
