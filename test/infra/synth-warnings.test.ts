import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { rootCertificates } from 'node:tls';
import {
  Aspects,
  CfnResource,
  RemovalPolicies,
  RemovalPolicy,
  SecretValue,
  Stack,
  Stage,
  Validations,
} from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { type CfnSecret, Secret, type SecretProps } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { afterAll, describe, expect, it } from 'vitest';
import { TelegramBot } from '../../infra/constructs/telegram-bot.ts';
import { Endpoint } from '../../infra/settings/endpoint.ts';
import { entry } from '../fixtures.ts';
import { botStack, unbundledApp } from './synth.ts';

/** Returns the warnings that `cdk synth` prints about a construct. */
function warningsOf(stack: Stack, path = '*'): string[] {
  const found = Annotations.fromStack(stack).findWarning(path, Match.anyValue());
  return found.map(({ entry }) => String(entry.data));
}

describe('a token secret that the stack creates', () => {
  function stackWithSecret(props: SecretProps = {}): { stack: Stack; secret: Secret } {
    const stack = new Stack(unbundledApp(), 'Kit');
    const secret = new Secret(stack, 'Token', props);
    new TelegramBot(stack, 'Bot', { entry, token: secret });
    return { stack, secret };
  }

  it.each<[string, SecretProps]>([
    ['without a value', {}],
    ['with a generated password', { generateSecretString: { passwordLength: 40 } }],
  ])('causes a warning %s', (_, props) => {
    const [warning, ...others] = warningsOf(stackWithSecret(props).stack, '/Kit/Bot');
    expect(warning).toContain(
      'token of Kit/Bot is a secret that this stack creates without a token in it',
    );
    expect(warning).toContain('put the token in, then deploy the bot');
    expect(others).toEqual([]);
  });

  it.each<[string, SecretProps]>([
    ['a string', { secretStringValue: SecretValue.unsafePlainText('the token') }],
    ['an object', { secretObjectValue: { token: SecretValue.unsafePlainText('the token') } }],
    [
      'a template',
      {
        generateSecretString: {
          secretStringTemplate: '{"token":"the token"}',
          generateStringKey: 'salt',
        },
      },
    ],
  ])('causes no warning when its value is %s', (_, props) => {
    expect(warningsOf(stackWithSecret(props).stack)).toEqual([]);
  });

  it('causes no warning when its value is added later', () => {
    const { stack, secret } = stackWithSecret();
    const resource = secret.node.defaultChild as CfnSecret;
    resource.generateSecretString = undefined;
    resource.secretString = 'the token';
    expect(warningsOf(stack)).toEqual([]);
  });

  it('causes no warning in a stack that is deployed before', () => {
    const app = unbundledApp();
    const token = new Secret(new Stack(app, 'Data'), 'Token');
    const stack = new Stack(app, 'Kit');
    new TelegramBot(stack, 'Bot', { entry, token });
    expect(warningsOf(stack)).toEqual([]);
  });

  it('causes no warning that was acknowledged', () => {
    const { stack } = stackWithSecret();
    Validations.of(stack).acknowledge({
      id: 'telegram-webhook-kit:emptyTokenSecret',
      reason: 'It holds the token since an earlier deploy.',
    });
    expect(warningsOf(stack)).toEqual([]);
  });
});

it('warns about a partial ARN that AWS takes for a complete one', () => {
  const stack = new Stack(unbundledApp(), 'Kit');
  const arn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:telegram/bot-secret';
  new TelegramBot(stack, 'Bot', { entry, token: Secret.fromSecretPartialArn(stack, 'Token', arn) });
  expect(warningsOf(stack)).toEqual([expect.stringContaining('import it by its complete ARN')]);
});

describe('a token secret with the name of one that another bot uses', () => {
  function addBot(scope: Construct, id: string, stackId: string): Stack {
    const stack = new Stack(scope, stackId);
    const token = Secret.fromSecretNameV2(stack, 'Token', 'telegram/token');
    new TelegramBot(stack, id, { entry, token });
    return stack;
  }

  it.each<[string, (first: Construct) => Construct]>([
    ['in two stacks', (app) => app],
    ['in two stages', (app) => new Stage(app, 'Prod')],
  ])('causes a warning %s that may be deployed elsewhere', (_, scopeOf) => {
    const app = unbundledApp();
    addBot(app, 'Bot', 'One');
    const stack = addBot(scopeOf(app), 'Bot', 'Two');
    expect(warningsOf(stack)).toEqual([
      expect.stringMatching(
        /Two\/Bot and One\/Bot use the same token secret telegram\/token if both stacks are deployed to the same/,
      ),
    ]);
  });

  it('causes no warning that was acknowledged', () => {
    const app = unbundledApp();
    addBot(app, 'Bot', 'Dev');
    const stack = addBot(app, 'Bot', 'Prod');
    Validations.of(stack).acknowledge({
      id: 'telegram-webhook-kit:sharedTokenSecret',
      reason: 'Each stack has an account of its own.',
    });
    expect(warningsOf(stack)).toEqual([]);
  });

  it('is refused in one stack', () => {
    const stack = addBot(unbundledApp(), 'First', 'Kit');
    const token = Secret.fromSecretNameV2(stack, 'Again', 'telegram/token');
    const attempt = () => new TelegramBot(stack, 'Second', { entry, token });
    expect(attempt).toThrow(
      'Kit/Second and Kit/First use the same token secret telegram/token, but',
    );
  });

  it.each([
    ['allowed when only the other one', 'telegram/bot', false],
    ['refused when the whole name', 'telegram/bot-secret', true],
  ])('is %s ends like the suffix of an ARN', (_, name, isSame) => {
    const env = { account: '123456789012', region: 'us-east-1' };
    const stack = new Stack(unbundledApp(), 'Kit', { env });
    const token = Secret.fromSecretNameV2(stack, 'ByName', name);
    const arn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:telegram/bot-secret';
    const again = Secret.fromSecretPartialArn(stack, 'ByArn', arn);
    new TelegramBot(stack, 'First', { entry, token });
    const attempt = () => new TelegramBot(stack, 'Second', { entry, token: again });
    if (isSame) expect(attempt).toThrow('use the same token secret telegram/bot-secret');
    else expect(attempt).not.toThrow();
  });

  it('is refused in two stacks when the app itself owns the secret', () => {
    const app = unbundledApp();
    const token = new Secret(new Stack(app, 'Data'), 'Token');
    new TelegramBot(new Stack(app, 'One'), 'Bot', { entry, token });
    const attempt = () => new TelegramBot(new Stack(app, 'Two'), 'Bot', { entry, token });
    expect(attempt).toThrow('Two/Bot and One/Bot use the same token secret, but');
  });
});

describe('what only a proxy needs', () => {
  const certificate = join(mkdtempSync(join(tmpdir(), 'certificate-')), 'proxy.pem');
  writeFileSync(certificate, rootCertificates[0] ?? '');
  afterAll(() => rmSync(dirname(certificate), { recursive: true }));

  it.each([
    ['API Gateway', Endpoint.httpApi()],
    ['Lambda', Endpoint.functionUrl()],
  ])('causes warnings in front of %s', (service, endpoint) => {
    const { stack } = botStack({ endpoint, ipAddress: '8.8.8.8', certificate });
    expect(warningsOf(stack, '/Kit/Bot')).toEqual([
      expect.stringContaining(
        `always connect to 8.8.8.8, but ${service} changes its addresses at any time: omit ipAddress`,
      ),
      expect.stringContaining(
        `trust only ${certificate}, but ${service} has a certificate of Amazon's: omit certificate`,
      ),
    ]);
  });

  it('causes no warning with a proxy', () => {
    const endpoint = Endpoint.of({ origin: 'https://bot.example.com' });
    const { stack } = botStack({ endpoint, ipAddress: '8.8.8.8', certificate });
    expect(warningsOf(stack)).toEqual([]);
  });
});

describe('a removal policy that keeps the webhook', () => {
  const retained = expect.stringContaining('keeps the webhook after cdk destroy');

  it.each<[string, (stack: Stack) => void]>([
    ['of the stack', (stack) => RemovalPolicies.of(stack).retain()],
    ['of the app', (stack) => RemovalPolicies.of(stack.node.root).retainOnUpdateOrDelete()],
    [
      'by a late aspect',
      (stack) =>
        Aspects.of(stack).add(
          {
            visit: (node) => {
              if (CfnResource.isCfnResource(node)) node.applyRemovalPolicy(RemovalPolicy.RETAIN);
            },
          },
          { priority: 5000 },
        ),
    ],
  ])('causes a warning: %s', (_, retain) => {
    const { stack } = botStack();
    retain(stack);
    expect(warningsOf(stack, '/Kit/Bot/Registration')).toEqual([retained]);
  });

  it('causes no warning when it leaves the webhook out', () => {
    const { stack } = botStack();
    RemovalPolicies.of(stack).retain({ excludeResourceTypes: ['Custom::TelegramWebhook'] });
    expect(warningsOf(stack)).toEqual([]);
  });

  it('causes no warning that was acknowledged', () => {
    const { stack } = botStack();
    RemovalPolicies.of(stack).retain();
    Validations.of(stack).acknowledge({
      id: 'telegram-webhook-kit:retainedWebhook',
      reason: 'Another stack takes the bot over.',
    });
    expect(warningsOf(stack)).toEqual([]);
  });
});
