import { type App, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { beforeAll, describe, expect, it } from 'vitest';
import { TelegramBot } from '../../infra/constructs/telegram-bot.ts';
import { TelegramBotStack } from '../../infra/telegram-bot-stack.ts';
import { secretName } from '../fixtures.ts';
import type { Sandbox, WebhookState } from '../sandbox/index.ts';
import { kitStack, synthesized } from './app.ts';
import { type Actor, addBot, newTestBed, sharedTestBed } from './test-bed.ts';

const entry = 'test/bots/says-its-name.ts';
const secretNames = { Kit: secretName, News: 'telegram/test/news-token' };

/** How an app arranges its bots, and how one of them is removed. */
interface Arrangement {
  readonly where: string;
  readonly build: (app: App) => void;
  readonly removeKit: (sandbox: Sandbox) => Promise<void>;
}

describe.each<Arrangement>([
  {
    where: 'in one stack',
    build: (app) => oneStack(app, ['Kit', 'News']),
    removeKit: (sandbox) => deploy(sandbox, (app) => oneStack(app, ['News'])),
  },
  {
    where: 'in two stacks of one app',
    build: (app) => {
      for (const [name, botTokenSecret] of Object.entries(secretNames)) {
        new TelegramBotStack(app, name, { botTokenSecret, bot: { entry } });
      }
    },
    removeKit: (sandbox) => destroy(sandbox, 'Kit'),
  },
])('two bots $where', ({ build, removeKit }) => {
  const testBed = sharedTestBed();
  let news: Actor;

  beforeAll(async () => {
    const { sandbox } = testBed();
    news = addBot(sandbox, { id: 7_000_000_002, username: 'news_bot', secret: secretNames.News });
    await deploy(sandbox, build);
  });

  const webhookOf = ({ bot }: Actor) => testBed().sandbox.telegram.webhook(bot.id);

  it('answer in their own chats, each under its own name', async () => {
    const answers = await Promise.all([testBed(), news].map(({ ask }) => ask('who are you?')));
    expect(answers.map(({ text }) => text)).toEqual(['I am @kit_bot', 'I am @news_bot']);
  });

  it("refuse each other's updates", async () => {
    const { sandbox } = testBed();
    const [kits, newss] = [webhookOf(testBed()), webhookOf(news)];
    expect(await post(sandbox, { url: kits?.url, secretToken: newss?.secretToken })).toBe(401);
    const url = kits?.url.replace(hostOf(kits), hostOf(newss));
    expect(await post(sandbox, { url, secretToken: newss?.secretToken })).toBe(404);
  });

  it('are independent: when one is removed, the other keeps working', async () => {
    const before = webhookOf(news);
    await removeKit(testBed().sandbox);
    expect(webhookOf(testBed())).toBeUndefined();
    expect(webhookOf(news)).toEqual(before);
    expect((await news.ask('still there?')).text).toBe('I am @news_bot');
  });
});

describe('a stack that takes over the bot of another stack', () => {
  const testBed = newTestBed();

  it('keeps the bot when the other stack is destroyed', async () => {
    const { sandbox, bot, ask } = testBed();
    await sandbox.cloudFormation.deploy(kitStack({}, { name: 'Former' }));
    const { outputs } = await sandbox.cloudFormation.deploy(kitStack({}, { name: 'Latter' }));
    const webhook = sandbox.telegram.webhook(bot.id);
    expect(hostOf(webhook)).toBe(outputs.EndpointHost);

    await destroy(sandbox, 'Former');
    expect(sandbox.telegram.webhook(bot.id)).toEqual(webhook);
    expect((await ask('still there?')).text).toBe('still there?');
  });
});

describe('a stack whose secret is replaced by one with the token of another bot', () => {
  const testBed = newTestBed();

  it('registers the other bot and unregisters the previous one', async () => {
    const { sandbox, bot } = testBed();
    const news = addBot(sandbox, {
      id: 7_000_000_002,
      username: 'news_bot',
      secret: secretNames.News,
    });
    await sandbox.cloudFormation.deploy(kitStack());
    await sandbox.cloudFormation.deploy(kitStack({}, { botTokenSecret: secretNames.News }));
    expect(sandbox.telegram.webhook(bot.id)).toBeUndefined();
    expect((await news.ask('and you?')).text).toBe('and you?');
  });
});

function oneStack(app: App, bots: readonly (keyof typeof secretNames)[]): void {
  const stack = new Stack(app, 'Bots');
  for (const name of bots) {
    const token = Secret.fromSecretNameV2(stack, `${name}Token`, secretNames[name]);
    new TelegramBot(stack, name, { token, entry });
  }
}

async function deploy({ cloudFormation }: Sandbox, build: (app: App) => void): Promise<void> {
  const states = await Promise.all(
    synthesized(build).map((artifact) => cloudFormation.deploy(artifact)),
  );
  for (const { status } of states) expect(status).toMatch(/^(CREATE|UPDATE)_COMPLETE$/);
}

async function destroy({ cloudFormation }: Sandbox, stack: string): Promise<void> {
  expect((await cloudFormation.destroy(stack)).status).toBe('DELETE_COMPLETE');
}

/** Delivers an update as Telegram would; resolves with the status. */
async function post(
  { network }: Sandbox,
  { url = '', secretToken = '' }: Partial<WebhookState>,
): Promise<number> {
  const { status } = await network.request(new URL(url), {
    method: 'POST',
    headers: { 'x-telegram-bot-api-secret-token': secretToken },
    body: JSON.stringify({ update_id: 1, message: { chat: { id: 42 }, text: 'who are you?' } }),
  });
  return status;
}

function hostOf(webhook: WebhookState | undefined): string {
  return new URL(webhook?.url ?? '').host;
}
