import { CfnOutput, RemovalPolicies, SecretValue, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, it } from 'vitest';
import { TelegramBot } from '../../infra/constructs/telegram-bot.ts';
import { Delivery } from '../../infra/settings/delivery.ts';
import { secretName } from '../fixtures.ts';
import type { StackState } from '../sandbox/index.ts';
import { synthesized } from './app.ts';
import { addBot, newTestBed } from './test-bed.ts';

const testBed = newTestBed();
const other = { id: 7_000_000_002, username: 'other_bot', secret: 'telegram/test/other-token' };

const webhook = (botId = testBed().bot.id) => testBed().sandbox.telegram.webhook(botId);

async function deploy(build: (stack: Stack) => void, name = 'Kit'): Promise<StackState> {
  const [artifact] = synthesized((app) => build(new Stack(app, name)));
  if (!artifact) throw new Error('The app has no stack');
  return testBed().sandbox.cloudFormation.deploy(artifact);
}

/** Deploys a bot that reads its token also at run time, because it calls the Bot API itself. */
function deployBot(token: (stack: Stack) => ISecret, delivery?: Delivery): Promise<StackState> {
  return deploy((stack) => addBotTo(stack, 'Bot', token(stack), delivery));
}

function addBotTo(stack: Stack, id: string, token: ISecret, delivery?: Delivery): void {
  new TelegramBot(stack, id, { entry: 'test/bots/calls-the-api.ts', delivery, token });
}

/** Moves the token into a secret that the app does not find by the default name. */
function moveToken(name: string, options?: { region?: string; keyArn?: string }): string {
  const { sandbox, bot } = testBed();
  sandbox.aws.secrets.delete(secretName);
  return sandbox.aws.secrets.put(name, bot.token, options).arn;
}

describe('a token secret with a key of its own', () => {
  it.each([
    ['direct', Delivery.direct()],
    ['queued', Delivery.queued()],
  ])('is read by registrar and bot when it is imported, with %s delivery', async (_, delivery) => {
    const { outputs } = await deploy((stack) => {
      new CfnOutput(stack, 'KeyArn', { value: new Key(stack, 'Key').keyArn });
    }, 'Data');
    const { KeyArn = '' } = outputs;
    const secretCompleteArn = moveToken('telegram/deep', { keyArn: KeyArn });
    const state = await deployBot((stack) => {
      const encryptionKey = Key.fromKeyArn(stack, 'Key', KeyArn);
      return Secret.fromSecretAttributes(stack, 'Token', { secretCompleteArn, encryptionKey });
    }, delivery);
    expect(state.status).toBe('CREATE_COMPLETE');
    expect((await testBed().ask('deep?')).text).toBe('deep?');
  });

  it('stays readable until the webhook of a bot is removed that leaves the stack', async () => {
    const { sandbox, bot } = testBed();
    addBot(sandbox, other);
    const stackWith = (hasBot: boolean) =>
      deploy((stack) => {
        const token = new Secret(stack, 'Token', {
          encryptionKey: new Key(stack, 'Key'),
          secretStringValue: SecretValue.unsafePlainText(bot.token),
        });
        if (hasBot) addBotTo(stack, 'Bot', token);
        // Another bot keeps the registrar in the stack.
        addBotTo(stack, 'Other', Secret.fromSecretNameV2(stack, 'OtherToken', other.secret));
      });
    expect((await stackWith(true)).status).toBe('CREATE_COMPLETE');
    expect(webhook()).toBeDefined();
    expect((await stackWith(false)).status).toBe('UPDATE_COMPLETE');
    expect(webhook()).toBeUndefined();
    expect(webhook(other.id)).toBeDefined();
  });
});

describe('a token secret that is imported by ARN', () => {
  it.each([
    ['direct', Delivery.direct()],
    ['queued', Delivery.queued()],
  ])('is read in its own region, with %s delivery', async (_, delivery) => {
    const arn = moveToken('telegram/far', { region: 'eu-west-1' });
    const state = await deployBot(
      (stack) => Secret.fromSecretCompleteArn(stack, 'Token', arn),
      delivery,
    );
    expect(state.status).toBe('CREATE_COMPLETE');
    expect((await testBed().ask('from afar?')).text).toBe('from afar?');
  });

  it("is found by an ARN without AWS's suffix, in another region too", async () => {
    const arn = moveToken('telegram/far-away', { region: 'eu-west-1' });
    const partial = arn.slice(0, -'-XXXXXX'.length);
    const state = await deployBot((stack) => Secret.fromSecretPartialArn(stack, 'Token', partial));
    expect(state.status).toBe('CREATE_COMPLETE');
    expect((await testBed().ask('from afar?')).text).toBe('from afar?');
  });

  it('is named with its region when it is missing', async () => {
    const arn = moveToken('telegram/far', { region: 'eu-west-1' });
    testBed().sandbox.aws.secrets.delete('telegram/far', 'eu-west-1');
    await deployBot((stack) => Secret.fromSecretCompleteArn(stack, 'Token', arn));
    const reasons = testBed().sandbox.cloudFormation.events.map(({ reason = '' }) => reason);
    const [reason = ''] = reasons.filter((text) => text.includes('does not exist in'));
    expect(reason).toContain('does not exist in eu-west-1');
    expect(reason.replaceAll('\\\n', '')).toContain(`npm run token -- --secret ${arn}`);
  });
});

describe('a change to another secret with the token of another bot', () => {
  it("removes the previous bot's webhook when the names differ only by a slash", async () => {
    const { sandbox } = testBed();
    moveToken('a/b');
    const latter = addBot(sandbox, { ...other, secret: 'a-b' });
    await deployBot((stack) => Secret.fromSecretNameV2(stack, 'Token', 'a/b'));
    expect(webhook()).toBeDefined();
    const state = await deployBot((stack) => Secret.fromSecretNameV2(stack, 'Token', 'a-b'));
    expect(state.status).toBe('UPDATE_COMPLETE');
    expect(webhook()).toBeUndefined();
    expect((await latter.ask('and you?')).text).toBe('and you?');
  });

  it("removes the previous bot's webhook when only the regions differ", async () => {
    const { sandbox } = testBed();
    const latter = addBot(sandbox, { ...other, secret: 'telegram/token' });
    const far = moveToken('telegram/token', { region: 'eu-west-1' });
    const near = sandbox.aws.secrets.put('telegram/token', latter.bot.token).arn;
    await deployBot((stack) => Secret.fromSecretCompleteArn(stack, 'Token', far));
    expect(webhook()).toBeDefined();
    await deployBot((stack) => Secret.fromSecretCompleteArn(stack, 'Token', near));
    expect(webhook()).toBeUndefined();
    expect((await latter.ask('and you?')).text).toBe('and you?');
  });

  it("removes the previous bot's webhook when CloudFormation replaces a secret of the stack", async () => {
    const { sandbox, bot } = testBed();
    const latter = addBot(sandbox, other);
    const deployWith = (name: string, token: string) =>
      deployBot((stack) => {
        const secretStringValue = SecretValue.unsafePlainText(token);
        return new Secret(stack, 'Token', { secretName: name, secretStringValue });
      });
    await deployWith('before', bot.token);
    expect(webhook()).toBeDefined();
    await deployWith('after', latter.bot.token);
    expect(webhook()).toBeUndefined();
    expect((await latter.ask('and you?')).text).toBe('and you?');
  });
});

describe('an access log that is still there', () => {
  const stackWith = (change: (stack: Stack, bot: TelegramBot) => void) =>
    deploy((stack) => {
      const token = Secret.fromSecretNameV2(stack, 'Token', secretName);
      change(stack, new TelegramBot(stack, 'Bot', { entry: 'test/bots/echo.ts', token }));
    });

  it('does not keep a destroyed stack from being deployed again', async () => {
    const retainLogs = (stack: Stack) =>
      RemovalPolicies.of(stack).retain({ applyToResourceTypes: ['AWS::Logs::LogGroup'] });
    await stackWith(retainLogs);
    await testBed().sandbox.cloudFormation.destroy('Kit');
    expect((await stackWith(retainLogs)).status).toBe('CREATE_COMPLETE');
    expect((await testBed().ask('again?')).text).toBe('again?');
  });

  it('does not keep its construct from being moved', async () => {
    await stackWith(() => {});
    const state = await stackWith((_, { endpoint }) => {
      const group = endpoint.accessLogGroup.node.defaultChild as CfnLogGroup;
      group.overrideLogicalId('Moved');
    });
    expect(state.status).toBe('UPDATE_COMPLETE');
    expect((await testBed().ask('still there?')).text).toBe('still there?');
  });
});
