import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { leftIn, prints, spawnStart, temporaryDirectory } from './start-run.ts';
import { copyToWorkspace } from './workspace.ts';

it('reloads a bot, deploys the app again, and keeps what runs while something is broken', async () => {
  const project = copyToWorkspace();
  const directory = temporaryDirectory();
  const child = spawnStart(directory, [], project);
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const exited = once(child, 'exit');
  /** Does something; resolves when the text is printed, or the process has ended. */
  const until = async (expected: string, act: () => unknown) => {
    const printed = prints(child, expected);
    act();
    await Promise.race([printed, exited]);
  };
  const say = (line: string) => child.stdin.write(`${line}\n`);
  const edit = (path: string, change: (before: string) => string) => {
    const file = join(project, path);
    writeFileSync(file, change(readFileSync(file, 'utf8')));
  };
  const bot = 'test/bots/echo.ts';
  const app = 'test/end-to-end/start-app.ts';
  const saveApp = () => edit('infra/app.ts', (before) => `${before}\n`);

  await until('@sandbox_bot: one', () => say('one'));
  await until('reloaded echo.ts in', () =>
    edit(bot, (before) => before.replace('text: message.text', 'text: message.text.toUpperCase()')),
  );
  await until('@sandbox_bot: TWO', () => say('two'));

  await until('echo.ts was not reloaded', () => edit(bot, (before) => `${before}}`));
  await until('@sandbox_bot: THREE', () => say('three'));
  await until('reloaded echo.ts in', () => edit(bot, (before) => before.slice(0, -1)));

  edit(app, (before) => before.replace("context('second') === 'true'", 'true'));
  await until('deployed again in', saveApp);
  await until('sandbox2_bot', () => say(':bots'));

  edit(app, (before) => `${before}\nthrow new Error('not today');\n`);
  await until('not today', saveApp);
  await until('@sandbox_bot: FOUR', () => say('four'));

  child.stdin.end();
  const [exitCode] = await exited;
  const [stdout, stderr] = await output;
  expect(stdout).toContain('@sandbox_bot: TWO\n@sandbox_bot: THREE\n');
  expect(stdout).toContain('@sandbox_bot: FOUR\n');
  expect(stderr).toContain('echo.ts was not reloaded, and the code before it keeps running:');
  expect(stderr).toMatch(/✘ \[ERROR\] Unexpected "}"/);
  expect(stderr).toContain('Nothing was deployed, and the app runs as before:\n  not today\n');
  expect(stderr).toContain('@sandbox2_bot no longer has a webhook.');
  expect(exitCode).toBe(0);
  expect(leftIn(directory)).toEqual([]);
});
