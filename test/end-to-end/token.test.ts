import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { secretName } from '../fixtures.ts';
import { type Credentials, fakeToken } from '../sandbox/index.ts';
import { commandEnvironment } from './command.ts';
import { newTestBed } from './test-bed.ts';

const testBed = newTestBed();
/** Runs no app, which takes longer than the command. */
const BY_NAME = ['--secret', secretName];
const BY_APP = [
  ...['--app', 'node --import tsx test/end-to-end/start-app.ts'],
  ...['-c', `botTokenSecret=${secretName}`],
];

/** `script` of util-linux gives a command a pseudo-terminal, and passes its exit code on. */
const hasTerminal = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;
const CTRL_C = '\x03';
const CTRL_D = '\x04';

const environment = (credentials?: Credentials) =>
  commandEnvironment(testBed().sandbox, credentials);

const commandOf = (args: readonly string[]) => [
  process.execPath,
  ...['--import', 'tsx', 'infra/commands/token/cli.ts', ...args],
];

/** Runs what `npm run token` runs, with `input` in a pipe. */
async function piped(
  input: string,
  args: readonly string[] = BY_NAME,
  env: NodeJS.ProcessEnv = environment(),
) {
  const [node = '', ...words] = commandOf(args);
  const child = spawn(node, words, { env });
  const exited = once(child, 'close');
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [exitCode] = await exited;
  expect(stdout + stderr).not.toContain('FAKE-TOKEN');
  return { exitCode, stdout, stderr };
}

/** Runs it in a pseudo-terminal. */
function openTerminal(args: readonly string[]) {
  const quoted = commandOf(args).map((word) => `'${word}'`);
  const child: ChildProcess = spawn('script', ['-qefc', quoted.join(' '), '/dev/null'], {
    env: environment(),
  });
  onTestFinished(() => void child.kill());
  const exited = once(child, 'exit');
  let shown = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    shown += chunk;
  });
  return {
    type: (keys: string) => void child.stdin?.write(keys),
    async shows(expected: string) {
      await expect.poll(() => shown, { timeout: 110_000 }).toContain(expected);
    },
    async ended() {
      const [exitCode] = await exited;
      expect(shown).not.toContain('FAKE-TOKEN');
      return { exitCode, shown };
    },
  };
}

/** The value of the bot's secret, read as a function would. */
const stored = () =>
  testBed().sandbox.aws.secrets.valueOf(secretName, {
    account: '123456789012',
    region: 'us-east-1',
  });

let previous: string;
let renewed: string;
beforeEach(() => {
  const { bot, sandbox } = testBed();
  previous = bot.token;
  renewed = fakeToken(bot.id, 'renewed');
  sandbox.telegram.rotateToken(bot.id, renewed);
});

describe('npm run token with a token from a pipe', () => {
  it('replaces the token of the same bot, and says what follows', async () => {
    const { exitCode, stdout } = await piped(`${renewed}\n`, BY_APP);
    expect(stdout).toContain(`Secret ${secretName} in us-east-1\nIt holds a token of`);
    expect(stdout).toContain('It is the same bot, @kit_bot');
    expect(stdout).toMatch(
      /\nStored the token of @kit_bot \(\d+\)\.\nTo deploy: npm run deploy -- /,
    );
    expect(exitCode).toBe(0);
    expect(stored()).toBe(renewed);
  });

  it('creates the secret, and stores nothing the second time', async () => {
    const { sandbox } = testBed();
    sandbox.aws.secrets.delete(secretName);
    const created = await piped(renewed);
    expect(created.stdout).toMatch(
      /It does not exist yet\.\nCreated the secret: arn:aws:\S+-\w{6}\n/,
    );
    expect(stored()).toBe(renewed);
    const again = await piped(renewed);
    expect(again.stdout).toContain('already holds this token, of @kit_bot');
  });

  it('stores the token of another bot only when that is agreed', async () => {
    const { sandbox, bot } = testBed();
    const other = fakeToken(99);
    sandbox.telegram.rotateToken(bot.id, previous);
    sandbox.telegram.createBot({ token: other, username: 'other_bot', firstName: 'Other' });
    const refused = await piped(other);
    expect(refused.stdout).toContain(
      `another bot: @other_bot (99) instead of @kit_bot (${bot.id})`,
    );
    expect(refused.stderr).toMatch(/pass --yes to agree\.\nNothing was stored\.\n$/);
    expect(refused.exitCode).toBe(1);
    expect(stored()).toBe(previous);
    expect((await piped(other, [...BY_NAME, '--yes'])).exitCode).toBe(0);
    expect(stored()).toBe(other);
  });

  it('keeps the other fields of a secret in JSON', async () => {
    const { sandbox } = testBed();
    sandbox.aws.secrets.put(secretName, `{ "token": "${previous}", "key": 1 }`);
    expect((await piped(renewed)).exitCode).toBe(0);
    expect(stored()).toBe(`{ "token": "${renewed}", "key": 1 }`);
  });

  it.each([
    ['nothing', '', 'No token was given.'],
    ['a sentence', 'my token', 'This is not a bot token'],
    ['an unknown token', fakeToken(5), 'Telegram does not know this token'],
  ])('stores nothing when it gets %s', async (_what, input, message) => {
    const { exitCode, stderr } = await piped(input);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/\nNothing was stored\.\n$/);
    expect(exitCode).toBe(1);
    expect(stored()).toBe(previous);
  });

  it('stores nothing without permission, and refuses the token as an argument', async () => {
    const { sandbox } = testBed();
    const nobody = sandbox.aws.iam.credentials('arn:aws:iam::123456789012:role/Nobody');
    const denied = await piped(renewed, undefined, environment(nobody));
    expect(denied.stderr).toContain('--help to see the permissions');
    const asArgument = await piped('', [renewed]);
    expect(asArgument.stderr).toContain('get a new token from @BotFather');
    expect(asArgument.exitCode).toBe(2);
    const asSecret = await piped('', ['--secret', renewed]);
    expect(asSecret.stderr).toContain('looks like the token itself');
    expect(stored()).toBe(previous);
  });

  it('restores a deleted secret, when that is agreed', async () => {
    const { sandbox } = testBed();
    let isDeleted = true;
    sandbox.aws.secrets.intercept = ({ target }) => {
      if (target.endsWith('.RestoreSecret')) {
        isDeleted = false;
        return { status: 200, body: {} };
      }
      const message = "You can't perform this operation because it was marked for deletion.";
      if (isDeleted) return { status: 400, body: { __type: 'InvalidRequestException', message } };
      return undefined;
    };
    const refused = await piped(renewed);
    expect(refused.stdout).toContain('It is scheduled for deletion.');
    expect(refused.stderr).toContain('The secret stays deleted.');
    expect(isDeleted).toBe(true);
    const { stdout } = await piped(renewed, [...BY_NAME, '--yes']);
    expect(stdout).toContain('Restored the secret.\nIt is the same bot');
    expect(stored()).toBe(renewed);
  });

  it('stores the token unchecked where Telegram is not reachable', async () => {
    const { sandbox, bot } = testBed();
    sandbox.telegram.intercept = () => ({ kind: 'reset' });
    const offline = await piped(renewed);
    expect(offline.stderr).toContain('https://api.telegram.org cannot be reached from here');
    expect(stored()).toBe(previous);
    const unchecked = await piped(renewed, [...BY_NAME, '--unchecked']);
    expect(unchecked.stdout).toContain(`Stored the token of bot ${bot.id}.`);
    expect(stored()).toBe(renewed);
  });
});

describe.skipIf(!hasTerminal)('npm run token in a terminal', () => {
  it('does not show the token, asks again after a wrong one, and prints the deploy', async () => {
    const terminal = openTerminal(BY_APP);
    await terminal.shows('(not shown): ');
    terminal.type(`${fakeToken(5)}\r`);
    await terminal.shows('Try again, or press Ctrl-C.');
    terminal.type(`${renewed}\r`);
    await terminal.shows('Deploy TelegramBot-dev/Bot now? [y/N]');
    expect(stored()).toBe(renewed);
    terminal.type('n\r');
    const { exitCode, shown } = await terminal.ended();
    expect(exitCode).toBe(0);
    expect(shown).toContain('To deploy: npm run deploy -- --app "node');
  });

  it.each([
    ['Ctrl-C', CTRL_C, 130],
    ['Ctrl-D', CTRL_D, 1],
    ['Enter', '\r', 1],
  ])('stores nothing after %s', async (_key, key, expected) => {
    const terminal = openTerminal(BY_NAME);
    await terminal.shows('(not shown): ');
    terminal.type(key);
    const { exitCode, shown } = await terminal.ended();
    expect(exitCode).toBe(expected);
    expect(shown).toMatch(/[Nn]othing was stored/);
    expect(stored()).toBe(previous);
  });

  it('shows nothing that is pasted before the question', async () => {
    const terminal = openTerminal(BY_APP);
    await terminal.shows('Secret ');
    terminal.type(`${renewed}\r`);
    await terminal.shows('now? [y/N]');
    terminal.type(CTRL_C);
    expect((await terminal.ended()).shown).toContain('To deploy: ');
    expect(stored()).toBe(renewed);
  });
});
