import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { leftIn, prints, runStart, spawnStart, temporaryDirectory } from './start-run.ts';

/** Returns the commands of all processes that use a directory. */
function processesOf(directory: string): string[] {
  return commands().filter((command) => command.includes(directory));
}

function commands(): string[] {
  if (process.platform !== 'linux') {
    return execFileSync('ps', ['-Aww', '-o', 'args='], { encoding: 'utf8' }).split('\n');
  }
  // Not every Linux image has `ps`.
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return []; // It has ended in the meantime.
      }
    });
}

describe('npm start in a script', () => {
  it('sends each line as a message, prints only the answers, and destroys what it deployed', async () => {
    const run = await runStart('hello\n\n/start\n:1\n:2\n');
    expect(run.stdout.split('\n')).toEqual([
      '@sandbox_bot: hello',
      '@sandbox_bot: Hello, You!',
      '  :1 [ Press me ]',
      '@sandbox_bot (Pressed)',
      'There is no button 2.',
      '',
    ]);
    expect(run.stderr).toMatch(/CREATE_COMPLETE .* Custom::TelegramWebhook +Bot\/Registration/);
    expect(run.stderr).toMatch(/DELETE_COMPLETE .* Custom::TelegramWebhook +Bot\/Registration/);
    expect(run.stderr).toContain('@sandbox_bot no longer has a webhook. Nothing is left.');
    expect(run.stderr).not.toContain('before its work was done');
    expect(run).toMatchObject({ exitCode: 0, left: [] });
  });

  it('waits for the answers of a bot behind a queue', async () => {
    const run = await runStart('hello\n/start\n', { args: ['--delivery', 'queued'] });
    expect(run.stdout).toContain('@sandbox_bot: hello\n@sandbox_bot: Hello, You!');
    expect(run.stderr).toMatch(/CREATE_COMPLETE .* AWS::Lambda::EventSourceMapping/);
    expect(run.stderr).not.toContain('before its work was done');
    expect(run).toMatchObject({ exitCode: 0, left: [] });
  });

  it('explains once that work which a bot left behind does not run', async () => {
    const run = await runStart('one\ntwo\nthree\n', {
      args: ['-c', 'entry=test/bots/reminds-later.ts'],
    });
    expect(run.stdout).toBe('@sandbox_bot: I will remind you.\n'.repeat(3));
    expect(run.stderr.match(/^.*before its work was done.*$/gm)).toEqual([
      'Bot/Endpoint/Receiver responded before its work was done (1 timer). ' +
        'Lambda freezes a function after its response, so this work runs late or never: await it.',
    ]);
    expect(run).toMatchObject({ exitCode: 0, left: [] });
  });

  it('leaves lines with a slash to the bot, joins lines that end with a backslash, and ends after :quit', async () => {
    const run = await runStart('/quit\n/1\none\\\ntwo\n::) \n:quit\nnot sent\n');
    expect(run.stdout).toBe(
      ['/quit', '/1', 'one\ntwo', ':)'].map((text) => `@sandbox_bot: ${text}\n`).join(''),
    );
    expect(run).toMatchObject({ exitCode: 0, left: [] });
  });

  it.each(['direct', 'queued'])(
    'chats with a TelegramBot in a stack of its own, which has no outputs (%s)',
    async (delivery) => {
      const args = ['-c', 'own=true', '--delivery', delivery];
      const run = await runStart('hello\nagain\n:bots\n:status\n', { args });
      expect(run.stdout).toMatch(
        new RegExp(
          '^@sandbox_bot: hello\n@sandbox_bot: again\n' +
            `\\* @sandbox_bot \\(Mine/Support, ${delivery}\\)\n` +
            'healthy\n  The webhook is at \\S+\\.amazonaws\\.com, 0 updates pending\\.\n$',
        ),
      );
      expect(run).toMatchObject({ exitCode: 0, left: [] });
    },
  );

  it('deploys and destroys every stack of an app, and chats with each of its bots', async () => {
    const run = await runStart('who\n:bot second\nwho\n:bot sandbox_bot\nbye\n', {
      args: ['-c', 'second=true', '-c', 'own=true'],
    });
    expect(run.stdout.split('\n')).toEqual([
      '@sandbox_bot: who',
      'You talk to @sandbox2_bot (Second/Bot, direct).',
      '@sandbox2_bot: I am @sandbox2_bot',
      'You talk to @sandbox_bot (Mine/Support, direct).',
      '@sandbox_bot: bye',
      '',
    ]);
    expect(run.stderr.match(/CREATE_COMPLETE .* Custom::TelegramWebhook/g)).toHaveLength(2);
    expect(run.stderr).toContain('@sandbox2_bot no longer has a webhook.');
    expect(run).toMatchObject({ exitCode: 0, left: [] });
  });

  it('destroys the stack and exits with 130 when it is interrupted during the deploy', async () => {
    const run = await runStart('hello\n', {
      async during(child) {
        await prints(child, 'Deploying');
        child.kill('SIGINT');
      },
    });
    expect(run).toMatchObject({ exitCode: 130, stdout: '', left: [] });
  });

  it.skipIf(process.platform === 'win32')(
    'leaves neither processes nor files behind when it is killed',
    async () => {
      const directory = temporaryDirectory();
      const child = spawnStart(directory);
      child.stdin.write('hello\n');
      await prints(child, '@sandbox_bot: hello');
      expect(processesOf(directory).length).toBeGreaterThan(1);
      child.kill('SIGKILL');
      await expect.poll(() => processesOf(directory), { timeout: 60_000 }).toEqual([]);
      await expect.poll(() => leftIn(directory), { timeout: 60_000 }).toEqual([]);
    },
  );

  it('cleans up when nobody reads its output any more', async () => {
    const directory = temporaryDirectory();
    const child = spawnStart(directory);
    const stderr = text(child.stderr);
    child.stdin.write('hello\n');
    await once(child.stdout, 'data');
    child.stdout.destroy();
    child.stdin.end('again\n');
    expect(await once(child, 'exit')).toEqual([130, null]);
    expect(await stderr).toMatch(/Nothing is left\.\n$/);
    expect(leftIn(directory)).toEqual([]);
  });

  it('explains a wrong --delivery in one sentence', async () => {
    const run = await runStart('hello\n', { args: ['--delivery', 'wrong'] });
    expect(run.stderr).toMatch(/^Synthesizing the app\n.*must be direct or queued, got wrong\n$/);
    expect(run).toMatchObject({ exitCode: 1, stdout: '', left: [] });
  });

  it.each([
    [['--loud'], "Unknown option '--loud'\nnpm start -- --help lists the options."],
    [['--replay-ignore', 'sendMessage'], '--replay-ignore belongs to --replay'],
    [['-c', 'stage'], '-c takes key=value, got stage'],
  ])('reports what is wrong with %j and exits with 1', async (args, message) => {
    const run = await runStart('', { args });
    expect(run.stderr).toContain(message);
    expect(run).toMatchObject({ exitCode: 1, stdout: '', left: [] });
  });
});
