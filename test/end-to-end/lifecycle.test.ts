import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, it } from 'vitest';
import { TelegramBot, type TelegramBotProps } from '../../infra/constructs/telegram-bot.ts';
import { entry, secretName } from '../fixtures.ts';
import {
  fakeToken,
  refusal,
  type StackArtifact,
  type StackState,
  tooManyRequests,
} from '../sandbox/index.ts';
import { kitStack, synthesized } from './app.ts';
import { addBot, newTestBed } from './test-bed.ts';

const testBed = newTestBed();

const deploy = (artifact: StackArtifact) => testBed().sandbox.cloudFormation.deploy(artifact);
const destroy = () => testBed().sandbox.cloudFormation.destroy('Kit');
const webhook = (botId = testBed().bot.id) => testBed().sandbox.telegram.webhook(botId);

describe('a deploy that removes settings', () => {
  it("restores Telegram's default for each of them", async () => {
    const { sandbox, ask } = testBed();
    const certificate = join(mkdtempSync(join(tmpdir(), 'certificate-')), 'proxy.pem');
    writeFileSync(certificate, sandbox.network.ca);
    await deploy(
      kitStack({
        certificate,
        ipAddress: '149.154.167.220',
        maxConnections: 5,
        allowedUpdates: ['callback_query', 'message'],
      }),
    );
    expect(webhook()).toMatchObject({ maxConnections: 5, fixedIp: '149.154.167.220' });

    expect((await deploy(kitStack())).status).toBe('UPDATE_COMPLETE');
    expect(webhook()).toMatchObject({
      certificate: undefined,
      fixedIp: undefined,
      maxConnections: 40,
      allowedUpdates: undefined,
    });
    expect((await ask('as ever?')).text).toBe('as ever?');
  });
});

describe('a construct that is renamed', () => {
  it('is registered again, and the cleanup of the old one leaves the new webhook alone', async () => {
    const { ask, methods } = testBed();
    await deploy(stackWith('Bot'));
    const before = webhook();
    const state = await deploy(stackWith('Answerer'));
    expect(state.status).toBe('UPDATE_COMPLETE');
    expect(state.reason).toBeUndefined();
    expect(webhook()?.url).not.toBe(before?.url);
    expect(webhook()?.secretToken).not.toBe(before?.secretToken);
    expect(methods().filter((method) => method === 'setWebhook')).toHaveLength(2);
    expect((await ask('under a new name?')).text).toBe('under a new name?');
  });
});

describe('a stack that was destroyed', () => {
  it('can be deployed again, and then answers the messages sent in the meantime', async () => {
    const { sandbox, bot } = testBed();
    await deploy(kitStack());
    const before = webhook();
    await destroy();
    const chat = sandbox.telegram.chat(bot.id, { id: 7, firstName: 'Interim' });
    chat.send('anybody?');
    expect((await deploy(kitStack())).status).toBe('CREATE_COMPLETE');
    expect(webhook()?.url).not.toBe(before?.url);
    expect((await chat.nextMessage()).text).toBe('anybody?');
  });
});

describe('a deploy after a change of the token secret', () => {
  it("renews path and secret for the bot's new token, and delivers waiting updates", async () => {
    const { sandbox, bot } = testBed();
    await deploy(kitStack());
    const before = webhook();
    const token = fakeToken(bot.id, 'r');
    sandbox.telegram.rotateToken(bot.id, token);
    sandbox.aws.secrets.put(secretName, token);
    const chat = sandbox.telegram.chat(bot.id, { id: 7, firstName: 'Interim' });
    chat.send('new key?');

    expect((await deploy(kitStack())).status).toBe('UPDATE_COMPLETE');
    expect(hostOf(webhook()?.url)).toBe(hostOf(before?.url));
    expect(webhook()?.url).not.toBe(before?.url);
    expect(webhook()?.secretToken).not.toBe(before?.secretToken);
    expect((await chat.nextMessage()).text).toBe('new key?');
  });

  it("registers another bot when the token is that bot's, and leaves the old one alone", async () => {
    const { sandbox, bot, methods } = testBed();
    await deploy(kitStack());
    const before = webhook();
    const other = addBot(sandbox, { id: 7_000_000_002, username: 'other_bot', secret: secretName });

    const state = await deploy(kitStack());
    expect(state.status).toBe('UPDATE_COMPLETE');
    expect(hostOf(webhook(other.bot.id)?.url)).toBe(state.outputs.EndpointHost);
    expect(webhook(bot.id)).toEqual(before);
    expect(methods().filter((method) => method === 'setWebhook')).toHaveLength(2);
    expect((await other.ask('who is it?')).text).toBe('who is it?');
  });
});

describe('a deploy that fails elsewhere after the webhook was registered', () => {
  const failAfterwards = () => {
    testBed().sandbox.cloudFormation.intercept = ({ logicalId }) =>
      logicalId.startsWith('Afterwards') ? { failBefore: 'No more log groups' } : undefined;
  };

  it('registers the previous settings again', async () => {
    const { ask } = testBed();
    await deploy(stackWith('Bot'));
    const before = webhook();
    failAfterwards();
    const changed = { maxConnections: 3, allowedUpdates: ['callback_query'] } as const;
    const state = await deploy(stackWith('Bot', { bot: changed, hasMore: true }));
    expect(state).toMatchObject({
      status: 'UPDATE_ROLLBACK_COMPLETE',
      reason: expect.stringContaining('No more log groups'),
    });
    expect(everySet('max_connections')).toContain('3');
    expect(webhook()).toEqual(before);
    expect((await ask('as before?')).text).toBe('as before?');
  });

  it('is rolled back even if Telegram asks for too long a wait, with a warning', async () => {
    const { sandbox, ask } = testBed();
    await deploy(stackWith('Bot'));
    sandbox.telegram.intercept = () => refusal(tooManyRequests(3600));
    const changed = { maxConnections: 3 } as const;
    const state = await deploy(stackWith('Bot', { bot: changed }));
    expect(state.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    const log = sandbox.aws.logs.lines().join('\n');
    expect(log).toMatch(/"outcome":"unfinished".*429 Too Many Requests/);
    expect(log).not.toContain('registrar.status-unknown');
    sandbox.telegram.intercept = undefined;
    expect((await ask('as before?')).text).toBe('as before?');
  });

  it('leaves nothing behind when it was the first deploy', async () => {
    failAfterwards();
    const state = await deploy(stackWith('Bot', { hasMore: true }));
    expect(state.status).toBe('ROLLBACK_COMPLETE');
    expect(state.resources.size).toBe(0);
    const [registered, removed] = everySet('url');
    expect(hostOf(registered)).toMatch(/execute-api/);
    expect(removed).toBe('');
    expect(webhook()).toBeUndefined();
  });
});

describe('a destroy', () => {
  it('does not get stuck on an emptied policy, and logs what it left', async () => {
    const { sandbox } = testBed();
    const artifact = kitStack();
    const state = await deploy(artifact);
    revokePermission(artifact, state);
    expect((await destroy()).status).toBe('DELETE_COMPLETE');
    expect(sandbox.aws.logs.lines().join('\n')).toMatch(/"outcome":"left".*may not read/);
  });

  it('fails with a reason when Telegram asks for too long a wait, and can be run again', async () => {
    const { sandbox } = testBed();
    await deploy(kitStack());
    sandbox.telegram.intercept = () => refusal(tooManyRequests(3600));
    const state = await destroy();
    expect(state.status).toBe('DELETE_FAILED');
    const failed = sandbox.cloudFormation.events.find(({ status }) => status === 'DELETE_FAILED');
    expect(failed?.reason).toMatch(/Wait at least 3600 seconds, then run `cdk destroy` again/);

    sandbox.telegram.intercept = undefined;
    expect((await destroy()).status).toBe('DELETE_COMPLETE');
    expect(webhook()).toBeUndefined();
  });
});

/** Synthesizes a stack with a bot of that name and, on request, a resource that is created after the bot. */
function stackWith(
  id: string,
  { bot = {}, hasMore = false }: { bot?: Omit<TelegramBotProps, 'token'>; hasMore?: boolean } = {},
): StackArtifact {
  const [artifact] = synthesized((app) => {
    const stack = new Stack(app, 'Kit');
    const token = Secret.fromSecretNameV2(stack, 'Token', secretName);
    const { registration } = new TelegramBot(stack, id, { entry, ...bot, token });
    if (!hasMore) return;
    new LogGroup(stack, 'Afterwards', {
      removalPolicy: RemovalPolicy.DESTROY,
    }).node.addDependency(registration);
  });
  return artifact as StackArtifact;
}

/** Empties what the role that reads the bot's token may do. */
function revokePermission({ template }: StackArtifact, { resources }: StackState): void {
  const [id = ''] = Object.keys(template.Resources).filter((id) =>
    id.startsWith('BotIdentityReads'),
  );
  const { Policies = [] } = (template.Resources[id]?.Properties ?? {}) as {
    Policies?: { PolicyName: string }[];
  };
  const role = resources.get(id)?.physicalId ?? '';
  for (const { PolicyName } of Policies) {
    testBed().sandbox.aws.iam.putPolicy(role, PolicyName, {
      Version: '2012-10-17',
      Statement: [],
    });
  }
}

/** Returns the value of one parameter in each setWebhook call so far. */
function everySet(parameter: string): string[] {
  return testBed()
    .sandbox.telegram.calls.filter(({ method }) => method === 'setWebhook')
    .map(({ parameters }) => parameters.text(parameter));
}

function hostOf(url = ''): string {
  return new URL(url).host;
}
