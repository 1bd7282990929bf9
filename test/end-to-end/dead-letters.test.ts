import { beforeEach, describe, expect, it } from 'vitest';
import { Delivery } from '../../infra/settings/delivery.ts';
import type { Credentials } from '../sandbox/index.ts';
import { kitStack } from './app.ts';
import { appOptions, runCommand } from './command.ts';
import { newTestBed } from './test-bed.ts';

const testBed = newTestBed({ waits: true });

const deadLetters = (args: string[], credentials?: Credentials) =>
  runCommand(
    testBed().sandbox,
    'dead-letters',
    ['--stack', 'TelegramBot-test', ...args],
    credentials,
  );

async function deploy(entry: string): Promise<string> {
  const settings = { delivery: Delivery.queued({ maxAttempts: 1 }), entry };
  const { status, reason, outputs } = await testBed().sandbox.cloudFormation.deploy(
    kitStack(settings, { name: 'TelegramBot-test' }),
  );
  expect(status, reason).toMatch(/_COMPLETE$/);
  return outputs.DeadLetterQueueUrl ?? '';
}

describe('npm run dead-letters', () => {
  let url: string;
  beforeEach(async () => {
    const { sandbox, bot, ask } = testBed();
    url = await deploy('test/bots/poisoned.ts');
    sandbox.aws.eventSources.retriesAtOnce = true;
    const chat = sandbox.telegram.chat(bot.id, { id: 42, firstName: 'Ada' });
    chat.send('poison');
    await ask('afterwards');
    expect(sandbox.aws.sqs.queue(url).size).toBe(1);
  });

  it('lists and shows dead letters, and moves them back to a bot that can handle them', async () => {
    const { sandbox, bot } = testBed();
    const listed = await deadLetters([]);
    expect(listed).toMatchObject({ exitCode: 0, stderr: '' });
    expect(listed.stdout).toMatch(
      /^20\S+Z {2}update \d+ {2}message\n1 dead letter of TelegramBot-test\/Bot\n$/,
    );
    const found = await runCommand(sandbox, 'dead-letters', appOptions);
    expect(found.stdout).toContain('1 dead letter of TelegramBot-test/Bot\n');
    const shown = await deadLetters(['--show']);
    expect(shown.stdout).toContain('"text":"poison"');

    await deploy('test/bots/echo.ts');
    const chat = sandbox.telegram.chat(bot.id, { id: 42, firstName: 'Ada' });
    const answered = new Promise((resolve) => chat.onMessage(({ text }) => resolve(text)));
    const moved = await deadLetters(['--redrive']);
    expect(moved.stdout).toBe('1 moved back to the queue of TelegramBot-test/Bot.\n');
    expect(await answered).toBe('poison');
    expect((await deadLetters(['--redrive'])).stdout).toBe(
      'TelegramBot-test/Bot has no dead letters.\n',
    );
  });

  it('purges nothing without confirmation or without permission', async () => {
    const { sandbox } = testBed();
    const unconfirmed = await deadLetters(['--purge']);
    expect(unconfirmed).toMatchObject({ exitCode: 1, stdout: '' });
    expect(unconfirmed.stderr).toContain('pass --yes');
    const unprivileged = sandbox.aws.iam.credentials('arn:aws:iam::123456789012:role/Nobody');
    const denied = await deadLetters(['--purge', '--yes'], unprivileged);
    expect(denied.exitCode).toBe(1);
    expect(denied.stderr).toContain('--help to see the permissions');
    expect(sandbox.aws.sqs.queue(url).size).toBe(1);

    const purged = await deadLetters(['--purge', '--yes']);
    expect(purged.stdout).toBe(
      '1 of TelegramBot-test/Bot deleted. SQS takes up to a minute to do so.\n',
    );
    expect(sandbox.aws.sqs.queue(url).size).toBe(0);
  });
});

describe('npm run dead-letters without dead letters', () => {
  it('reports a missing stack, and a stack whose delivery has no dead letters', async () => {
    const { sandbox } = testBed();
    const missing = await deadLetters([]);
    expect(missing).toMatchObject({ exitCode: 1, stdout: '' });
    expect(missing.stderr).toContain(
      'Stack TelegramBot-test is not deployed in us-east-1. Deploy it with `npm run deploy`',
    );
    await sandbox.cloudFormation.deploy(kitStack({}, { name: 'TelegramBot-test' }));
    expect((await deadLetters([])).stderr).toContain('direct delivery has no dead letters');
    const misused = await deadLetters(['--show', '--purge']);
    expect(misused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(misused.stderr).toContain('one of --show');
  });
});
