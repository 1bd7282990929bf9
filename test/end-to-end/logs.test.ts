import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Delivery } from '../../infra/settings/delivery.ts';
import type { Credentials } from '../sandbox/index.ts';
import { kitStack } from './app.ts';
import { commandEnvironment } from './command.ts';
import { sharedTestBed } from './test-bed.ts';

const testBed = sharedTestBed();
const name = 'TelegramBot-test';

/** `script` of util-linux gives a command a pseudo-terminal, and passes its exit code on. */
const hasTerminal = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

const environment = (credentials?: Credentials) =>
  commandEnvironment(testBed().sandbox, credentials);

const commandOf = (args: readonly string[]) => [
  process.execPath,
  ...['--import', 'tsx', 'infra/commands/logs/cli.ts', '--stack', name, ...args],
];

/** Starts what `npm run logs` runs. */
function start(args: readonly string[], env: NodeJS.ProcessEnv = environment()) {
  const [node = '', ...words] = commandOf(args);
  const child = spawn(node, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill());
  return child;
}

async function logs(args: readonly string[], env?: NodeJS.ProcessEnv) {
  const child = start(args, env);
  const exited = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [exitCode] = await exited;
  return { exitCode, stdout, stderr };
}

/** Returns what the child has printed on its standard output so far. */
function outputOf(child: ChildProcess): () => string {
  let printed = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    printed += chunk;
  });
  return () => printed;
}

describe('npm run logs', () => {
  beforeAll(async () => {
    const settings = {
      entry: 'test/bots/throws.ts',
      delivery: Delivery.queued({ maxAttempts: 1 }),
    };
    const { status, reason } = await testBed().sandbox.cloudFormation.deploy(
      kitStack(settings, { name }),
    );
    expect(status, reason).toBe('CREATE_COMPLETE');
    await fail();
  });

  /** Sends an update that the bot fails on, and waits until that has been logged. */
  async function fail(): Promise<void> {
    const { sandbox, bot } = testBed();
    const before = failures();
    sandbox.telegram.chat(bot.id, { id: 42, firstName: 'Ada' }).send('fail');
    await vi.waitFor(() => expect(failures()).toBeGreaterThan(before), { timeout: 110_000 });
  }
  const failures = () =>
    testBed()
      .sandbox.aws.logs.lines()
      .filter((line) => line.includes('"update.failed"')).length;

  it('merges the logs by time, one line an event, with the source lines of errors', async () => {
    const { exitCode, stdout, stderr } = await logs([]);
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    const times = lines.flatMap((line) => /^(\d\d:\d\d:\d\d\.\d{3}) /.exec(line)?.[1] ?? []);
    expect(times.length).toBeGreaterThan(3);
    expect(times).toEqual([...times].sort());
    expect(stdout).toMatch(/^\S+ access +POST 200 in \d+ ms from /m);
    expect(stdout).toMatch(/^\S+ bot +update\.failed updateId=\d+.*\n {4}Error: /m);
    expect(stdout).toMatch(/\n +at .*test\/bots\/throws\.ts:\d+:\d+/);
    expect(stdout).toMatch(/^\S+ registrar /m);
    expect(stdout).not.toContain('platform.');
  });

  it('searches, and prints every line as it was logged', async () => {
    const { stdout } = await logs(['--grep', 'UPDATE.failed', '--json']);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events).toHaveLength(failures());
    expect(events[0]).toMatchObject({ log: 'bot', group: expect.stringContaining('Bot') });
    expect(JSON.parse(events[0].message).message.event).toBe('update.failed');
    const nothing = await logs(['--grep', 'no such text']);
    expect(nothing).toMatchObject({ exitCode: 0, stdout: '' });
    expect(nothing.stderr).toContain('No events since');
  });

  it('follows, prints each event once, and ends cleanly at Ctrl-C', async () => {
    const before = failures();
    const child = start(['--follow', '--grep', 'update.failed']);
    const printed = outputOf(child);
    const count = () => printed().split('update.failed').length - 1;
    await expect.poll(count, { timeout: 110_000 }).toBe(before);
    await fail();
    await expect.poll(count, { timeout: 110_000 }).toBe(before + 1);
    const exited = once(child, 'close');
    child.kill('SIGINT');
    expect(await exited).toEqual([0, null]);
    expect(count()).toBe(before + 1);
  });

  it('says what may not be read, and how to name a time', async () => {
    const { sandbox } = testBed();
    const nobody = sandbox.aws.iam.credentials('arn:aws:iam::123456789012:role/Nobody');
    const denied = await logs([], environment(nobody));
    expect(denied.exitCode).toBe(1);
    expect(denied.stderr).toContain('--help to see the permissions');
    const misused = await logs(['--since', 'noon']);
    expect(misused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(misused.stderr).toContain('--since takes 90s');
  });

  it.skipIf(!hasTerminal).each([
    ['', true],
    ['1', false],
  ])('is coloured in a terminal with NO_COLOR=%j: %s', async (NO_COLOR, isColoured) => {
    const quoted = commandOf([]).map((word) => `'${word}'`);
    const child = spawn('script', ['-qefc', quoted.join(' '), '/dev/null'], {
      env: { ...environment(), NO_COLOR },
    });
    const shown = await text(child.stdout);
    expect(shown).toContain('update.failed');
    expect(shown.includes('\u001b[31m')).toBe(isColoured);
  });
});
