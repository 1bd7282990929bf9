import { expect, it } from 'vitest';
import { runStart } from './start-run.ts';

it('names the file and the line of the project when a bot throws', async () => {
  const run = await runStart('hello\n', { args: ['-c', 'entry=test/bots/throws.ts'] });
  expect(run.stdout).toMatch(
    /Error: This bot finds nothing\n +at find \(test\/bots\/throws\.ts:4:9\)\n/,
  );
  expect(run).toMatchObject({ exitCode: 1, left: [] });
});

it.each(['direct', 'queued'])(
  'ends a script at a bot that throws in a stack of its own (%s)',
  async (delivery) => {
    const run = await runStart('hello\nthrow\nnot sent\n', {
      args: [
        '-c',
        'entry=test/bots/throws-on-request.ts',
        '-c',
        'own=true',
        '--delivery',
        delivery,
      ],
    });
    expect(run.stdout).toMatch(/^@sandbox_bot: hello\n {2}Error: As you wish\n/);
    expect(run.stdout).toMatch(/will deliver the update again (at once|in 1 s)\.\n$/);
    expect(run).toMatchObject({ exitCode: 1, left: [] });
  },
);

it('shows the cause of an error, and why a host cannot be reached', async () => {
  const args = ['-c', 'entry=test/bots/throws-on-request.ts'];
  const run = await runStart('fetch\n', { args });
  expect(run.stdout).toContain('TypeError: fetch failed\n');
  expect(run.stdout).toContain(
    'cause: Error ENOTFOUND: example.com is not reachable: npm start is offline; npm start -- --online lets the bot reach the internet\n',
  );
  expect(run).toMatchObject({ exitCode: 1, left: [] });
});

it('does not advise to run npm start, nor to read a log that does not exist, when a deploy fails', async () => {
  const run = await runStart('hello\n', { args: ['-c', 'entry=test/bots/crashes-on-load.ts'] });
  expect(run.stderr).toContain('CREATE_FAILED');
  expect(run.stderr).toContain('the receiver crashes on load');
  expect(run.stderr).not.toContain('Run `npm start`');
  expect(run.stderr).not.toContain('Logs: /aws/lambda');
  expect(run).toMatchObject({ exitCode: 1, stdout: '', left: [] });
});
