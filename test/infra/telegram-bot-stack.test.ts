import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, SecretValue, Stack, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { TelegramBot } from '../../infra/constructs/telegram-bot.ts';
import { Delivery } from '../../infra/settings/delivery.ts';
import { Endpoint } from '../../infra/settings/endpoint.ts';
import { TelegramBotStack } from '../../infra/telegram-bot-stack.ts';
import { entry } from '../fixtures.ts';
import { exampleDomain } from './endpoint-kinds.ts';
import { onlyResource, referencesOf, unbundledApp } from './synth.ts';

function stackIn(app = unbundledApp(), delivery = Delivery.direct()): TelegramBotStack {
  const botTokenSecret = 'telegram/test/bot-token';
  return new TelegramBotStack(app, 'Kit', { botTokenSecret, bot: { entry, delivery } });
}

describe('the outputs', () => {
  const template = Template.fromStack(stackIn());
  const domain = exampleDomain(new Stack());

  it("links to the bot, and names the endpoint's host and the log groups", () => {
    const webhook = onlyResource(template, 'Custom::TelegramWebhook').id;
    template.hasOutput('BotLink', { Value: { 'Fn::GetAtt': [webhook, 'Link'] } });
    template.hasOutput('EndpointHost', { Value: { 'Fn::Select': [2, Match.anyValue()] } });
    for (const name of ['ReceiverLogGroup', 'AccessLogGroup', 'RegistrarLogGroup']) {
      const group = (template.toJSON().Outputs[name] as { Value: { Ref: string } }).Value.Ref;
      expect(Object.keys(template.findResources('AWS::Logs::LogGroup'))).toContain(group);
    }
  });

  it.each<[string, Endpoint, readonly string[]]>([
    ['a Function URL', Endpoint.functionUrl(), []],
    ['a domain', Endpoint.httpApi({ domain }), ['AccessLogGroup']],
    [
      'a domain without a zone',
      Endpoint.httpApi({ domain: { ...domain, hostedZone: undefined } }),
      ['AccessLogGroup', 'EndpointDnsTarget'],
    ],
    [
      'a proxy',
      Endpoint.of({ origin: 'https://bot.example.com', behind: Endpoint.functionUrl() }),
      ['ProxyTarget'],
    ],
  ])('names what %s has', (_, endpoint, names) => {
    const botTokenSecret = 'telegram/test/bot-token';
    const bot = { entry, endpoint };
    const stack = new TelegramBotStack(unbundledApp(), 'Kit', { botTokenSecret, bot });
    const { Outputs } = Template.fromStack(stack).toJSON();
    const optional = ['AccessLogGroup', 'EndpointDnsTarget', 'ProxyTarget'];
    expect(optional.filter((name) => name in Outputs)).toEqual(names);
    if ('EndpointDnsTarget' in Outputs) {
      const { Value } = Outputs.EndpointDnsTarget;
      expect(Value['Fn::GetAtt'][1]).toBe('RegionalDomainName');
    }
    if ('ProxyTarget' in Outputs) {
      expect(Outputs.ProxyTarget.Value).toEqual(stack.resolve(stack.bot.endpoint.gateway.url));
    }
  });

  it('names the dead letters and the log group of the bot when there is a queue', () => {
    const queued = Template.fromStack(stackIn(undefined, Delivery.queued())).toJSON().Outputs;
    expect(Object.keys(queued)).toEqual(
      expect.arrayContaining([...Object.keys(template.toJSON().Outputs), 'BotLogGroup']),
    );
    expect(queued.DeadLetterQueueUrl.Value.Ref).toMatch(/^BotQueueDeadLetters/);
  });

  it.each([
    ['direct', Delivery.direct()],
    ['queued', Delivery.queued()],
  ])('reads no attribute that CloudFormation may mask, with %s delivery', (_, delivery) => {
    const { Outputs, Resources } = Template.fromStack(stackIn(undefined, delivery)).toJSON();
    const masked = Object.keys(Resources).filter(
      (id) => Resources[id].Type === 'Custom::TelegramBot',
    );
    expect(masked).toHaveLength(1);
    for (const id of masked) expect(referencesOf(Outputs)).not.toContain(id);
  });

  it('reveals neither the secret path nor the hash of the secret', () => {
    expect(JSON.stringify(template.toJSON().Outputs)).not.toMatch(/WebhookPath|Sha256/);
  });
});

describe('the validation of the template', () => {
  /** Synthesizes with the CDK's own validation and cdk-nag's AwsSolutions pack; throws on findings. */
  function validate(app: App): void {
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    vi.stubEnv('CDK_VALIDATION', undefined);
    app.synth();
  }
  afterEach(() => vi.unstubAllEnvs());

  it.each([
    ['direct', Delivery.direct()],
    ['queued', Delivery.queued()],
  ])('finds nothing with %s delivery', (_, delivery) => {
    const app = unbundledApp();
    stackIn(app, delivery);
    expect(() => validate(app)).not.toThrow();
  });

  it('finds nothing about a profile with a photo', () => {
    const app = unbundledApp();
    const folder = mkdtempSync(join(tmpdir(), 'photo-'));
    const photo = join(folder, 'photo.jpg');
    writeFileSync(photo, Buffer.from([0xff, 0xd8, 0xff]));
    const stack = new Stack(app, 'Kit');
    const token = Secret.fromSecretNameV2(stack, 'Token', 'telegram/test/bot-token');
    new TelegramBot(stack, 'Bot', { entry, token, profile: { name: 'Shop', photo } });
    expect(() => validate(app)).not.toThrow();
    rmSync(folder, { recursive: true });
  });

  it.each(['us-east-1', 'cn-north-1', 'us-gov-west-1'])(
    'finds nothing about a token secret with a key of its own in %s',
    (region) => {
      const app = unbundledApp();
      const stack = new Stack(app, 'Kit', { env: { account: '123456789012', region } });
      for (const [id, delivery] of Object.entries({
        Direct: Delivery.direct(),
        Queued: Delivery.queued(),
      })) {
        const token = new Secret(stack, `${id}Token`, {
          encryptionKey: new Key(stack, `${id}Key`, { enableKeyRotation: true }),
          secretStringValue: SecretValue.unsafePlainText('the token'),
        });
        Validations.of(token).acknowledge({
          id: 'AwsSolutions-SMG4',
          reason: '@BotFather rotates the token.',
        });
        new TelegramBot(stack, id, { entry, delivery, token });
      }
      expect(() => validate(app)).not.toThrow();
    },
  );

  it('reports a bucket that breaks a rule', () => {
    const app = unbundledApp();
    new Bucket(stackIn(app), 'Careless');
    expect(() => validate(app)).toThrow('AwsSolutions-S1');
  });
});
