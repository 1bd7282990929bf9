import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { secretName } from '../fixtures.ts';
import { kitStack } from './app.ts';
import { commandEnvironment, runCommand } from './command.ts';
import { newTestBed, setForeignWebhook } from './test-bed.ts';

const testBed = newTestBed();
const APP = ['--app', 'node --import tsx test/end-to-end/start-app.ts'];

/** Takes the place of npm, because the CDK's command line cannot deploy to the sandbox, and asks this process to do so. */
const FAKE_NPM = `
const [script, ...args] = process.argv.slice(3);
const response = await fetch(process.env.FAKE_NPM_URL, { method: 'POST', body: JSON.stringify({ script, args }) });
process.exit(Number(await response.text()));
`;

type Script = (script: string, stage: string) => Promise<number>;

/** Deploys to the sandbox and destroys there. */
const inSandbox: Script = async (script, stage) => {
  const { sandbox } = testBed();
  const { cloudFormation } = sandbox;
  if (script === 'status') {
    const run = await runCommand(sandbox, 'status', ['--stack', `TelegramBot-${stage}`]);
    return run.exitCode ?? 1;
  }
  const stack = kitStack({}, { name: `TelegramBot-${stage}` });
  const { status } =
    script === 'deploy'
      ? await cloudFormation.deploy(stack)
      : await cloudFormation.destroy(stack.name);
  return /(CREATE|UPDATE|DELETE)_COMPLETE$/.test(status) && !/ROLLBACK/.test(status) ? 0 : 1;
};

const environment = () => commandEnvironment(testBed().sandbox);

/** Runs what `npm run smoke` runs, with `script` in place of npm. */
async function smoke(script: Script, interruptAt?: string) {
  const scripts: string[] = [];
  const server = createServer(async (request, response) => {
    const { script: called, args } = JSON.parse(await text(request));
    scripts.push(called);
    expect(args).toContain(`botTokenSecret=${secretName}`);
    const stage = /^stage=(smoke-\w+)$/m.exec(args.join('\n'))?.[1] ?? '';
    if (called === interruptAt) child.kill('SIGINT');
    response.end(String(await script(called, stage)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close().closeAllConnections());
  const npm = join(mkdtempSync(join(tmpdir(), 'npm-')), 'npm.mjs');
  writeFileSync(npm, FAKE_NPM);
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'infra/commands/smoke/cli.ts', '--secret', secretName, ...APP],
    {
      env: {
        ...environment(),
        npm_execpath: npm,
        FAKE_NPM_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  onTestFinished(() => void child.kill());
  const exited = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [exitCode] = await exited;
  expect(stdout + stderr).not.toContain('FAKE-TOKEN');
  return { exitCode, stdout, stderr, scripts: scripts.join(' ') };
}

const webhook = () => testBed().sandbox.telegram.webhook(testBed().bot.id);

describe('npm run smoke', () => {
  it('deploys twice, reads the status, destroys, and finds nothing left', async () => {
    const { exitCode, stdout, stderr, scripts } = await smoke(inSandbox);
    expect(stderr).toBe('');
    expect(stdout).toContain('Nothing is left.\nThe smoke test passed.');
    expect(exitCode).toBe(0);
    expect(scripts).toBe('deploy status deploy status destroy');
    expect(webhook()).toBeUndefined();
  });

  it.each([
    ['is interrupted', 'deploy', 130, 'It was interrupted.'],
    [
      'has a deploy that fails',
      undefined,
      1,
      'The first deploy failed: npm run deploy ended with 1',
    ],
  ])('destroys when it %s', async (_how, interruptAt, code, message) => {
    const script: Script = async (called, stage) => {
      const exitCode = await inSandbox(called, stage);
      return called === 'deploy' && !interruptAt ? 1 : exitCode;
    };
    const { exitCode, stdout, stderr, scripts } = await smoke(script, interruptAt);
    expect(scripts).toBe('deploy destroy');
    expect(stdout).toContain('Nothing is left.');
    expect(stderr).toContain(message);
    expect(exitCode).toBe(code);
    expect(webhook()).toBeUndefined();
  });

  it('names what is left when nothing was destroyed', async () => {
    const script: Script = async (called, stage) =>
      called === 'deploy' ? inSandbox(called, stage) : 0;
    const { exitCode, stderr } = await smoke(script);
    expect(stderr).toMatch(/There is still the stack TelegramBot-smoke-\w+ \(UPDATE_COMPLETE\)\./);
    expect(stderr).toContain('There is still the log group ');
    expect(stderr).toContain("There is still the bot's webhook.");
    expect(exitCode).toBe(1);
  });

  it('touches no bot that has a webhook', async () => {
    const url = await setForeignWebhook(testBed());
    const { exitCode, stderr, scripts } = await smoke(inSandbox);
    expect(stderr).toContain('has a webhook, which a smoke test would replace');
    expect(exitCode).toBe(1);
    expect(scripts).toBe('');
    expect(webhook()?.url).toBe(url);
  });
});
