import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';

interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Files and folders that remain in the temporary directory. */
  readonly left: readonly string[];
}

const app = 'node --import tsx test/end-to-end/start-app.ts';

/** Runs what `npm start` runs, with `input` on standard input. */
async function start(
  input: string,
  { args = [], during }: { args?: string[]; during?: (child: ChildProcess) => Promise<void> } = {},
): Promise<Run> {
  const directory = mkdtempSync(join(tmpdir(), 'start-'));
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'test/sandbox/start.ts', '--app', app, ...args],
    {
      env: { ...process.env, TMPDIR: directory },
    },
  );
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  child.stdin.end(input);
  await during?.(child);
  const [exitCode] = await once(child, 'exit');
  const [stdout, stderr] = await output;
  // tsx keeps its own cache of compiled files there.
  const left = readdirSync(directory).filter((name) => !name.startsWith('tsx-'));
  return { exitCode, stdout, stderr, left };
}

describe('npm start in a script', () => {
  it('sends each line as a message, prints only the answers, and destroys what it deployed', async () => {
    const run = await start('hello\n\n/start\n/1\n/2\n');
    expect(run.stdout.split('\n')).toEqual([
      '@sandbox_bot: hello',
      '@sandbox_bot: Hello, You!',
      '  /1 [ Press me ]',
      '@sandbox_bot (Pressed)',
      'There is no button 2.',
      '',
    ]);
    expect(run.stderr).toMatch(/CREATE_COMPLETE .* Custom::TelegramWebhook +Bot\/Registration/);
    expect(run.stderr).toMatch(/DELETE_COMPLETE .* Custom::TelegramWebhook +Bot\/Registration/);
    expect(run.stderr).toContain('@sandbox_bot no longer has a webhook. Nothing is left.');
    expect(run).toMatchObject({ exitCode: 0, left: [] });
  });

  it('waits for the answers of a bot behind a queue', async () => {
    const run = await start('hello\n/start\n', { args: ['--delivery', 'queued'] });
    expect(run.stdout).toContain('@sandbox_bot: hello\n@sandbox_bot: Hello, You!');
    expect(run.stderr).toMatch(/CREATE_COMPLETE .* AWS::Lambda::EventSourceMapping/);
    expect(run).toMatchObject({ exitCode: 0, left: [] });
  });

  it('deploys and destroys every stack of the app', async () => {
    const run = await start('hello\n', { args: ['-c', 'second=true'] });
    expect(run.stdout).toBe('@sandbox_bot: hello\n');
    expect(run.stderr.match(/CREATE_COMPLETE .* Custom::TelegramWebhook/g)).toHaveLength(2);
    expect(run.stderr).toContain('@sandbox2_bot no longer has a webhook.');
    expect(run).toMatchObject({ exitCode: 0, left: [] });
  });

  it('destroys the stack and exits with 130 when it is interrupted during the deploy', async () => {
    const run = await start('hello\n', {
      async during(child) {
        await new Promise<void>((resolve) => {
          child.stderr?.on('data', (chunk) => String(chunk).includes('Deploying') && resolve());
        });
        child.kill('SIGINT');
      },
    });
    expect(run).toMatchObject({ exitCode: 130, stdout: '', left: [] });
  });

  it.each([
    [['--loud'], "Unknown option '--loud'"],
    [['-c', 'stage'], '-c takes key=value, got stage'],
  ])('reports what is wrong with %j and exits with 1', async (args, message) => {
    const run = await start('', { args });
    expect(run.stderr).toContain(message);
    expect(run).toMatchObject({ exitCode: 1, stdout: '', left: [] });
  });
});
