import { describe, expect, it } from 'vitest';
import type { BotStatus } from '../../infra/commands/status/read-status.ts';
import { Delivery } from '../../infra/settings/delivery.ts';
import type { TelegramBotStackProps } from '../../infra/telegram-bot-stack.ts';
import type { Credentials } from '../sandbox/index.ts';
import { kitStack } from './app.ts';
import { appOptions, runCommand } from './command.ts';
import { newTestBed, setForeignWebhook } from './test-bed.ts';

const testBed = newTestBed({ waits: true });

/** Runs what `npm run status` runs. Whatever it prints, it never prints the token. */
async function status(args: string[] = appOptions, credentials?: Credentials) {
  const { bot, sandbox } = testBed();
  const run = await runCommand(sandbox, 'status', args, credentials);
  expect(run.stdout + run.stderr).not.toContain(bot.token.split(':')[1]);
  return run;
}

async function deploy(bot: TelegramBotStackProps['bot']): Promise<void> {
  const { cloudFormation } = testBed().sandbox;
  const { status, reason } = await cloudFormation.deploy(
    kitStack(bot, { name: 'TelegramBot-test' }),
  );
  expect(status, reason).toMatch(/_COMPLETE$/);
}

describe('npm run status', () => {
  it('shows a healthy bot, and then who has taken its webhook', async () => {
    const { bot, methods } = testBed();
    await deploy({});
    const healthy = await status();
    expect(healthy).toMatchObject({ exitCode: 0, stderr: '' });
    expect(healthy.stdout).toMatch(/^TelegramBot-test\/Bot {2}healthy\n/);
    expect(healthy.stdout).toContain(`  Bot          Kit (@kit_bot), id ${bot.id}\n`);
    expect(healthy.stdout).toContain(
      '  Switches     on: inlineMode, privacyMode, joinGroups, business\n',
    );
    expect(healthy.stdout).toMatch(/Webhook {6}\S+\.amazonaws\.com\n +settings as declared\n/);
    expect(healthy.stdout).toContain('CREATE_COMPLETE, last deploy ');
    expect(healthy.stdout).toContain('Last errors  none in a week');

    const calls = methods().length;
    await setForeignWebhook(testBed());
    const foreign = await status(['--stack', 'TelegramBot-test']);
    expect(foreign.exitCode).toBe(1);
    expect(foreign.stdout).toContain('  Diagnosis    foreign\n');
    expect(foreign.stdout).toContain("not this stack's");
    // It only looks.
    const changing = methods()
      .slice(calls)
      .filter((method) => !method.startsWith('get'));
    expect(new Set(changing)).toEqual(new Set(['setWebhook']));
    expect(testBed().sandbox.telegram.webhook(bot.id)?.url).toContain('elsewhere');
  });

  it('shows the queue, the dead letters and the errors of a bot that fails', async () => {
    const { ask, bot, sandbox } = testBed();
    await deploy({ delivery: Delivery.queued({ maxAttempts: 1 }), entry: 'test/bots/poisoned.ts' });
    sandbox.aws.eventSources.retriesAtOnce = true;
    sandbox.telegram.chat(bot.id, { id: 43, firstName: 'Eve' }).send('poison');
    await ask('afterwards');
    const { exitCode, stdout } = await status(['--stack', 'TelegramBot-test', '--json']);
    expect(exitCode).toBe(1);
    const { bots } = JSON.parse(stdout) as { bots: BotStatus[] };
    expect(bots).toMatchObject([
      {
        health: 'unhealthy',
        bot: 'TelegramBot-test/Bot',
        report: { condition: 'healthy', bot: { username: 'kit_bot' } },
        queue: { waiting: 0, inFlight: 0, deadLetters: 1 },
        errors: [{ message: expect.stringContaining('poison') }],
      },
    ]);
  });

  it('does not know a stack that is not deployed, or that it may not read', async () => {
    const { sandbox } = testBed();
    const missing = await status();
    expect(missing).toMatchObject({ exitCode: 2, stderr: '' });
    expect(missing.stdout).toMatch(/^TelegramBot-test\/Bot {2}unknown\n/);
    expect(missing.stdout).toContain('is not deployed in us-east-1');
    await deploy({});
    const nobody = sandbox.aws.iam.credentials('arn:aws:iam::123456789012:role/Nobody');
    const denied = await status(appOptions, nobody);
    expect(denied.exitCode).toBe(2);
    expect(denied.stdout.replaceAll(/\s+/g, ' ')).toContain('--help to see the permissions');
  });
});
