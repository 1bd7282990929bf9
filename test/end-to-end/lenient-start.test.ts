import { describe, expect, it } from 'vitest';
import { additions } from './everyday-additions.ts';
import { runStart } from './start-run.ts';

const app = ['--app', 'node --import tsx test/end-to-end/lenient-app.ts'];

describe('npm start of an app with all everyday additions', () => {
  it('runs the bot, and says once what exists in name only', async () => {
    const run = await runStart('one\ntwo\n', { args: app });
    expect(run.stdout).toBe('@sandbox_bot: Message 1\n@sandbox_bot: Message 2\n');
    const lines = run.stderr.split('\n');
    const inNameOnly = Object.values(additions)
      .flatMap(({ notes = [] }) => notes)
      .filter((note) => note.includes('in name only'));
    for (const note of inNameOnly) {
      expect(lines.filter((line) => line === `Kit/${note}`)).toHaveLength(1);
    }
    expect(run).toMatchObject({ exitCode: 0, left: [] });
  });

  it('runs an app that is emulated as a whole with --strict, too', async () => {
    const run = await runStart('hello\n', { args: ['--strict'] });
    expect(run.stdout).toBe('@sandbox_bot: hello\n');
    expect(run).toMatchObject({ exitCode: 0, left: [] });
  });

  it('refuses it with --strict, by name', async () => {
    const run = await runStart('one\n', { args: [...app, '--strict'] });
    expect(run.stderr).toMatch(/Test-Kit: .* no termination protection/);
    expect(run).toMatchObject({ exitCode: 1, stdout: '', left: [] });
  });
});

describe('npm start of a bot that needs more than is here', () => {
  it('says once for each host that it is offline, and how to go online', async () => {
    const run = await runStart('https://example.com/\nhttps://example.com/2\n', {
      args: ['-c', 'entry=test/bots/asks-the-internet.ts'],
    });
    const offline =
      'example.com is not reachable: npm start is offline; npm start -- --online lets the bot reach the internet';
    expect(run.stdout).toBe(`@sandbox_bot: ${offline}\n`.repeat(2));
    expect(run.stderr.split('\n').filter((line) => line === offline)).toHaveLength(1);
    expect(run).toMatchObject({ exitCode: 0, left: [] });
  });

  it('cannot be online and strict at the same time', async () => {
    const run = await runStart('', { args: ['--online', '--strict'] });
    expect(run.stderr).toBe('The sandbox can be online only in lenient mode: leave out --strict\n');
    expect(run).toMatchObject({ exitCode: 1, stdout: '', left: [] });
  });

  it('gives its secrets the values of --secret', async () => {
    const run = await runStart('openai/key\n', {
      args: [
        '-c',
        'entry=test/bots/knows-a-secret.ts',
        '-c',
        'secret=openai/key',
        '--secret',
        'openai/key=a=b',
      ],
    });
    expect(run.stdout).toBe('@sandbox_bot: a=b\n');
    expect(run).toMatchObject({ exitCode: 0, left: [] });
  });
});
