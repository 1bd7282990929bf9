import { Duration } from 'aws-cdk-lib';
import { Annotations, Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { Environment } from '../../functions/contract.ts';
import { Delivery } from '../../infra/settings/delivery.ts';
import {
  botStack,
  botTemplate,
  findFunction,
  functionAt,
  needs,
  onlyResource,
  roleAt,
  statementsOf,
  type TestBotProps,
} from './synth.ts';

const bot = 'Bot/Queue/Bot';
const ingress = 'Bot/Endpoint/Receiver';
const queued = botTemplate({ delivery: Delivery.queued() });

function actionsOf(template: Template, path: string): string[] {
  return statementsOf(template, roleAt(template, path))
    .flatMap(({ Action }) => Action)
    .sort();
}

describe('direct delivery', () => {
  it('is the default and creates no queue', () => {
    const template = botTemplate();
    template.resourceCountIs('AWS::SQS::Queue', 0);
    template.resourceCountIs('AWS::Lambda::EventSourceMapping', 0);
    expect(JSON.stringify(template.toJSON())).not.toContain('Custom::TelegramBotReadiness');
  });
});

describe('queued delivery', () => {
  it('creates a FIFO queue in high-throughput mode, and another one for dead letters', () => {
    queued.resourceCountIs('AWS::SQS::Queue', 2);
    queued.allResourcesProperties('AWS::SQS::Queue', {
      FifoQueue: true,
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
      ContentBasedDeduplication: Match.absent(),
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 14 * 24 * 3600,
    });
    queued.hasResourceProperties('AWS::SQS::Queue', {
      VisibilityTimeout: 6 * 25,
      RedrivePolicy: { maxReceiveCount: 8 },
    });
  });

  it('denies access to the queues without TLS', () => {
    queued.resourceCountIs('AWS::SQS::QueuePolicy', 2);
    queued.allResourcesProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Deny',
            Action: 'sqs:*',
            Principal: { AWS: '*' },
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    });
  });

  it('invokes the bot with one update at a time, and lets it report failed items', () => {
    const { resource } = onlyResource(queued, 'AWS::Lambda::EventSourceMapping');
    expect(resource.Properties).toMatchObject({
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  it('lets the ingress send to the queue but not read the token', () => {
    const actions = actionsOf(queued, ingress);
    expect(actions).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents', 'sqs:SendMessage']);
    queued.hasResource(
      'AWS::Lambda::Function',
      functionAt(ingress, {
        Timeout: 10,
        Environment: {
          Variables: {
            WEBHOOK_SECRET_SHA256: Match.anyValue(),
            BOT_ID: { 'Fn::GetAtt': [onlyResource(queued, 'Custom::TelegramBot').id, 'BotId'] },
            UPDATE_QUEUE_URL: Match.anyValue(),
            BOT_TOKEN_SECRET: Match.absent(),
          },
        },
      }),
    );
  });

  it('lets the bot read its token, and lets only the queue and the registrar invoke it', () => {
    const id = findFunction(queued, bot).id;
    expect(actionsOf(queued, bot)).toContain('secretsmanager:GetSecretValue');
    const permissions = Object.values(queued.findResources('AWS::Lambda::Permission'));
    expect(permissions.map(({ Properties }) => Properties.FunctionName['Fn::GetAtt'][0])).toEqual([
      findFunction(queued, ingress).id,
    ]);
    queued.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          {
            Action: 'lambda:InvokeFunction',
            Resource: Match.arrayWith([{ 'Fn::GetAtt': [id, 'Arn'] }]),
          },
        ],
      },
    });
  });

  it('checks that the bot is ready before the ingress can send it an update', () => {
    const { id, resource } = onlyResource(queued, 'Custom::TelegramBotReadiness');
    expect(resource.Properties).toMatchObject({
      BotFunction: { 'Fn::GetAtt': [findFunction(queued, bot).id, 'Arn'] },
      DeployStamp: expect.stringMatching(/^\d{4}-/),
    });
    expect(needs(queued, findFunction(queued, ingress).id)).toContain(id);
  });

  it('registers the webhook after queue, mapping and bot exist, and unregisters it before they are deleted', () => {
    const { id } = onlyResource(queued, 'Custom::TelegramWebhook');
    const needed = needs(queued, id);
    for (const type of [
      'AWS::SQS::Queue',
      'AWS::SQS::QueuePolicy',
      'AWS::Lambda::EventSourceMapping',
      'AWS::Lambda::Permission',
      'AWS::IAM::Policy',
      'AWS::ApiGatewayV2::Stage',
      'AWS::ApiGatewayV2::Route',
    ]) {
      for (const resource of Object.keys(queued.findResources(type))) {
        expect([...needed], type).toContain(resource);
      }
    }
  });

  it('keeps the endpoint that Telegram sees when the delivery changes', () => {
    const direct = botTemplate();
    for (const type of ['Api', 'Stage', 'Route'].map((name) => `AWS::ApiGatewayV2::${name}`)) {
      expect(queued.findResources(type)).toEqual(direct.findResources(type));
    }
    const receiverOf = (template: Template) =>
      onlyResource(template, 'AWS::ApiGatewayV2::Integration');
    expect(receiverOf(queued)).toEqual(receiverOf(direct));
  });

  it('gives a batch the time of all its updates, and retries a failure after six times that', () => {
    const template = botTemplate({
      timeout: Duration.minutes(2),
      delivery: Delivery.queued({ batchSize: 5, maxConcurrency: 20, maxAttempts: 3 }),
    });
    template.hasResource(
      'AWS::Lambda::Function',
      functionAt(bot, {
        Timeout: 600,
        Environment: { Variables: { UPDATE_MAX_ATTEMPTS: '3' } },
      }),
    );
    template.hasResourceProperties('AWS::SQS::Queue', {
      VisibilityTimeout: 3600,
      RedrivePolicy: { maxReceiveCount: 3 },
    });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 5,
      ScalingConfig: { MaximumConcurrency: 20 },
    });
  });

  it.each([
    [4, ['maxAttempts 4 may let updates become dead letters that the bot has never seen']],
    [5, []],
  ])('adds these warnings for %i attempts: %j', (maxAttempts, warnings) => {
    const { stack } = botStack({ delivery: Delivery.queued({ maxAttempts }) });
    const found = Annotations.fromStack(stack).findWarning(
      '/Kit/Bot',
      Match.stringLikeRegexp('maxAttempts'),
    );
    expect(found.map(({ entry }) => String(entry.data))).toEqual(
      warnings.map((warning) => expect.stringContaining(warning)),
    );
  });

  it('exposes the function that runs the bot, whatever the delivery', () => {
    const direct = botStack().bot;
    expect(direct.bot).toBe(direct.endpoint.receiver);
    const behindQueue = botStack({ delivery: Delivery.queued() }).bot;
    expect(behindQueue.bot).toBe(behindQueue.queue?.bot);
  });

  it('gives a queued bot its id, which does not depend on Telegram as BOT_INFO does', () => {
    const template = botTemplate({ delivery: Delivery.queued() });
    const identity = onlyResource(template, 'Custom::TelegramBot').id;
    const Variables = { BOT_ID: { 'Fn::GetAtt': [identity, 'BotId'] } };
    template.hasResource('AWS::Lambda::Function', functionAt(bot, { Environment: { Variables } }));
  });

  it.each(Object.values(Environment))('reserves the environment variable %s', (name) => {
    const delivery = Delivery.queued();
    expect(() => botStack({ delivery, environment: { [name]: 'mine' } })).toThrow(
      `environment must not set ${name}: the kit sets it`,
    );
  });

  const seconds = Duration.seconds;
  it.each<[string, TestBotProps]>([
    ['maxAttempts must be 1 to 1000, got 0', { delivery: Delivery.queued({ maxAttempts: 0 }) }],
    ['batchSize must be 1 to 10, got 11', { delivery: Delivery.queued({ batchSize: 11 }) }],
    [
      'maxConcurrency must be 2 to 1000, got 1',
      { delivery: Delivery.queued({ maxConcurrency: 1 }) },
    ],
    [
      'retention must be 1 minute to 14 days in whole seconds, got 30 days',
      { delivery: Delivery.queued({ retention: Duration.days(30) }) },
    ],
    [
      'visibilityTimeout must be 2 minutes 30 seconds to 12 hours in whole seconds, got 1 minute 40 seconds',
      { delivery: Delivery.queued({ visibilityTimeout: seconds(100) }) },
    ],
    [
      'retention must be longer than 55 minutes (maxAttempts 8, visibilityTimeout 2 minutes 30 seconds), got 10 minutes',
      { delivery: Delivery.queued({ retention: Duration.minutes(10) }) },
    ],
    [
      'timeout times batchSize must be at most 15 minutes, got 100 s times 10',
      { timeout: seconds(100), delivery: Delivery.queued({ batchSize: 10 }) },
    ],
    [
      "timeout must be 1 to 900 whole seconds, which is Lambda's limit; got 901 s",
      { timeout: seconds(901), delivery: Delivery.queued() },
    ],
  ])('refuses a wrong setting with: %s', (message, settings) => {
    expect(() => botStack(settings)).toThrow(message);
  });
});
