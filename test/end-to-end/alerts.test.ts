import { Duration, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import { TelegramBot, type TelegramBotProps } from '../../infra/constructs/telegram-bot.ts';
import { Delivery } from '../../infra/settings/delivery.ts';
import { Watch } from '../../infra/settings/watch.ts';
import { entry, secretName } from '../fixtures.ts';
import { synthesized } from './app.ts';
import { newTestBed, setForeignWebhook } from './test-bed.ts';

const testBed = newTestBed({ waits: true });
const OWNER = 42;
/** Against hanging alone: the sandbox's clock is fast, and machines differ. */
const waiting = { timeout: 110_000 };

/** Deploys a bot that is checked every minute, and whose alarms reach a topic and the owner. */
async function deploy(settings: Partial<TelegramBotProps> = {}): Promise<void> {
  const [stack] = synthesized((app) => {
    const stack = new Stack(app, 'Kit');
    const topic = new Topic(stack, 'Topic');
    new TelegramBot(stack, 'Bot', {
      entry,
      token: Secret.fromSecretNameV2(stack, 'Token', secretName),
      watch: Watch.every(Duration.minutes(1), { alerts: { topic, chat: OWNER } }),
      ...settings,
    });
  });
  if (!stack) throw new Error('The app has no stack');
  const { status, reason } = await testBed().sandbox.cloudFormation.deploy(stack);
  expect(status, reason).toBe('CREATE_COMPLETE');
  // A bot can only write to a person who has written to it.
  expect((await testBed().ask('hello')).text).toBe('hello');
}

/** The messages of alarms that the owner has got from the bot. */
function told(): string[] {
  const texts = testBed()
    .sandbox.telegram.calls.filter(({ method }) => method === 'sendMessage')
    .map(({ parameters }) => parameters.text('text') ?? '');
  return texts.filter((text) => /^[🔴🟢]/u.test(text));
}

/** The states that the topic has announced of the alarm whose description has this text, from the first ALARM on. */
function announced(text: string): string[] {
  const states: string[] = testBed()
    .sandbox.aws.sns.published.map(({ message }) => JSON.parse(message))
    .filter(({ AlarmDescription }) => AlarmDescription.includes(text))
    .map(({ NewStateValue }) => NewStateValue);
  // A new alarm announces its first state, too.
  return states.slice(states[0] === 'OK' ? 1 : 0);
}

async function deleteWebhook(): Promise<void> {
  const { sandbox, bot } = testBed();
  const call = new URL(`https://api.telegram.org/bot${bot.token}/deleteWebhook`);
  expect((await sandbox.network.request(call, { method: 'GET' })).status).toBe(200);
}

describe('a bot that is watched', () => {
  it('gets its webhook back when it was deleted by hand', async () => {
    await deploy();
    const { sandbox, bot, ask } = testBed();
    const url = sandbox.telegram.webhook(bot.id)?.url;
    await deleteWebhook();
    expect(sandbox.telegram.webhook(bot.id)).toBeUndefined();
    await expect.poll(() => sandbox.telegram.webhook(bot.id)?.url, waiting).toBe(url);
    expect((await ask('again')).text).toBe('again');
    expect(told()).toEqual([]);
  });

  it('tells a topic and its owner once of a foreign webhook, and once that it is over', async () => {
    await deploy();
    const foreign = await setForeignWebhook(testBed());
    await expect.poll(() => told().length, waiting).toBe(1);
    await expect.poll(() => announced('The webhook does not work'), waiting).toEqual(['ALARM']);
    // It is not this stack's to take back.
    expect(testBed().sandbox.telegram.webhook(testBed().bot.id)?.url).toBe(foreign);

    await deleteWebhook();
    await expect.poll(() => told().length, waiting).toBe(2);
    await expect
      .poll(() => announced('The webhook does not work'), waiting)
      .toEqual(['ALARM', 'OK']);
    expect(told()).toEqual([
      expect.stringMatching(
        /^🔴 Kit\/Bot\n\nThe webhook does not work\. .*npm run status -- --stack Kit$/,
      ),
      expect.stringMatching(/^🟢 Kit\/Bot\n\nOver: The webhook does not work\./),
    ]);
  });

  it('tells its owner of a dead letter', async () => {
    await deploy({
      delivery: Delivery.queued({ maxAttempts: 1 }),
      entry: 'test/bots/poisoned.ts',
    });
    const { sandbox, bot } = testBed();
    sandbox.telegram.chat(bot.id, { id: OWNER, firstName: 'Ada' }).send('poison');
    await expect.poll(() => announced('dead-letters'), waiting).toEqual(['ALARM']);
    await expect
      .poll(told, waiting)
      .toEqual([expect.stringContaining('npm run dead-letters -- --stack Kit')]);
  });

  it('tells its owner of updates that are stuck on the queue', async () => {
    const alerts = { chat: OWNER, oldestUpdate: Duration.minutes(1) };
    await deploy({
      delivery: Delivery.queued({ maxAttempts: 100 }),
      entry: 'test/bots/poisoned.ts',
      watch: Watch.every(Duration.minutes(1), { alerts }),
    });
    const { sandbox, bot } = testBed();
    sandbox.telegram.chat(bot.id, { id: OWNER, firstName: 'Ada' }).send('poison');
    await expect
      .poll(told, waiting)
      .toEqual([expect.stringContaining('An update waits on the queue for more than 1 minute')]);
  });
});
