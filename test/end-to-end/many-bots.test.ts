import { Stack } from 'aws-cdk-lib';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BotStatus } from '../../infra/commands/status/read-status.ts';
import { TelegramBot } from '../../infra/constructs/telegram-bot.ts';
import { Endpoint } from '../../infra/settings/endpoint.ts';
import { fakeToken, isRegistrar, Sandbox } from '../sandbox/index.ts';
import { synthesized } from './app.ts';
import { runCommand } from './command.ts';
import { expectNoSecret } from './no-secret.ts';
import { type Actor, addBot } from './test-bed.ts';

const TEN = Array.from({ length: 10 }, (_, number) => number);
/** The first bot leaves, and an eleventh comes. */
const CHANGED = [...TEN.slice(1), 10];
/** How far a round is put forward, so that the last deploy is over for it: 20 minutes. */
const LATER_MS = 20 * 60_000;

let sandbox: Sandbox;
let actors: Actor[];

beforeAll(async () => {
  sandbox = await Sandbox.start({ skipsWaits: isRegistrar });
  actors = [...TEN, 10].map((number) =>
    addBot(sandbox, {
      id: 7_000_000_001 + number,
      username: `bot${number}_bot`,
      secret: secretOf(number),
    }),
  );
});

afterAll(async () => {
  try {
    expectNoSecret(sandbox);
  } finally {
    await sandbox.close();
  }
});

const secretOf = (number: number) => `telegram/test/bot${number}-token`;
const idOf = (number: number) => Number(actors[number]?.bot.id);
const nameOf = (number: number) => actors[number]?.bot.profile.text('name', '');
const webhookOf = (number: number) => sandbox.telegram.webhook(idOf(number));

/** Deploys a stack with these bots on one API. */
async function deploy(numbers: readonly number[]): Promise<void> {
  const [artifact] = synthesized((app) => {
    const stack = new Stack(app, 'Many');
    const endpoint = Endpoint.httpApi({ api: new HttpApi(stack, 'Api') });
    for (const number of numbers) {
      new TelegramBot(stack, `Bot${number}`, {
        entry: 'test/bots/says-its-name.ts',
        token: Secret.fromSecretNameV2(stack, `Token${number}`, secretOf(number)),
        endpoint,
        profile: { name: `Number ${number}` },
        reregister: 'on-change',
      });
    }
  });
  if (!artifact) throw new Error('The app has no stack');
  const { status, reason } = await sandbox.cloudFormation.deploy(artifact);
  expect([status, reason]).toEqual([
    expect.stringMatching(/^(CREATE|UPDATE)_COMPLETE$/),
    undefined,
  ]);
}

async function expectAnswers(numbers: readonly number[]): Promise<void> {
  const answers = await Promise.all(numbers.map((number) => actors[number]?.ask('who are you?')));
  expect(answers.map((answer) => answer?.text)).toEqual(
    numbers.map((number) => `I am @bot${number}_bot`),
  );
}

/** Reads the conditions of the bots as an operator does, by their paths. */
async function status(): Promise<Record<string, string>> {
  const { stdout, stderr } = await runCommand(sandbox, 'status', ['--stack', 'Many', '--json']);
  expect(stderr).toBe('');
  const { bots } = JSON.parse(stdout) as { bots: BotStatus[] };
  return Object.fromEntries(
    bots.map(({ bot, report }) => [bot, 'condition' in report ? report.condition : 'unreadable']),
  );
}

const healthy = (numbers: readonly number[]) =>
  Object.fromEntries(numbers.map((number) => [`Many/Bot${number}`, 'healthy']));

/** Each test goes on where the one before it has stopped. */
describe('ten bots of one stack, on one API', () => {
  it('answer, each under its own name', async () => {
    await deploy(TEN);
    await expectAnswers(TEN);
    const hosts = TEN.map((number) => new URL(String(webhookOf(number)?.url)).host);
    expect(new Set(hosts).size).toBe(1);
  });

  it('have a status each', async () => {
    expect(await status()).toEqual(healthy(TEN));
  });

  it('do not notice when one of them leaves and another one comes', async () => {
    const staying = TEN.slice(1);
    const before = staying.map(webhookOf);
    const earlier = sandbox.telegram.calls.length;
    await deploy(CHANGED);
    expect(staying.map(webhookOf)).toEqual(before);
    expect(webhookOf(0)).toBeUndefined();
    await expectAnswers([10]);
    const called = new Set(sandbox.telegram.calls.slice(earlier).map(({ botId }) => botId));
    expect([...called].sort()).toEqual([idOf(0), idOf(10)]);
    await expectAnswers(staying);
  });

  it('are healed in one round, except the one whose token was revoked', async () => {
    sandbox.telegram.eraseWebhook(idOf(4));
    sandbox.telegram.eraseWebhook(idOf(7));
    sandbox.telegram.rotateToken(idOf(5), fakeToken(idOf(5), 'rotated'));
    await sandbox.aws.scheduler.fireAhead(LATER_MS);
    expect(await status()).toEqual({ ...healthy(CHANGED), 'Many/Bot5': 'token-revoked' });
    await expectAnswers(CHANGED.filter((number) => number !== 5));
  });

  it('leave nothing behind', async () => {
    // Without its token, nothing can act for a bot, and that does not block the others.
    expect((await sandbox.cloudFormation.destroy('Many')).status).toBe('DELETE_COMPLETE');
    expect(CHANGED.filter((number) => webhookOf(number))).toEqual([]);
    const left = [...CHANGED, 0].filter((number) => nameOf(number) !== undefined);
    expect(left).toEqual([5]);
  });
});
