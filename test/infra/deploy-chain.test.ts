import { CfnOutput, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { describe, expect, it } from 'vitest';
import type { TelegramBot } from '../../infra/constructs/telegram-bot.ts';
import { Delivery } from '../../infra/settings/delivery.ts';
import { longestChain, secondsOf } from './deploy-chain.ts';
import {
  botStack,
  botTemplate,
  findFunction,
  needs,
  onlyResource,
  policiesOf,
  type Resource,
  roleAt,
  statementsOf,
  tokenReaders,
} from './synth.ts';

const deliveries = [
  { name: 'direct', delivery: Delivery.direct(), path: 'Bot/Endpoint/Receiver', seconds: 60 },
  { name: 'queued', delivery: Delivery.queued(), path: 'Bot/Queue/Bot', seconds: 170 },
];

function idsOf(template: Template, type: string): string[] {
  return Object.keys(template.findResources(type));
}

describe.each(deliveries)('the first deploy with $name delivery', ({ delivery, path, seconds }) => {
  const template = botTemplate({ delivery });
  const framework = 'Registrar/Provider/framework-onEvent';
  const policiesAt = (function_: string) => policiesOf(template, roleAt(template, function_));

  it(`takes at most ${seconds} seconds, if each resource takes its assumed time`, () => {
    const chain = longestChain(template);
    const steps = chain.map(({ id, done }) => `${done} ${id}`).join('\n');
    expect(secondsOf(chain), steps).toBeLessThanOrEqual(seconds);
  });

  it.each(['Registrar/Function', framework])(
    'does not hold up %s for its policies',
    (registrar) => {
      const { id } = findFunction(template, registrar);
      const policies = policiesAt(registrar);
      expect(policies.length).toBeGreaterThan(0);
      expect(policies.filter((policy) => needs(template, id).has(policy))).toEqual([]);
    },
  );

  it('lets registrar and framework act from the first Create to the last Delete', () => {
    const custom = Object.entries(template.toJSON().Resources as Record<string, Resource>).filter(
      ([, { Type }]) => Type.startsWith('Custom::'),
    );
    expect(custom.length).toBeGreaterThan(1);
    for (const [id, { Type }] of custom) {
      const needed = needs(template, id);
      const isReadiness = Type === 'Custom::TelegramBotReadiness';
      const readers = isReadiness ? [] : tokenReaders(template).keys();
      for (const caller of [framework, 'Registrar/Function']) {
        const function_ = findFunction(template, caller).id;
        const policies = policiesAt(caller).filter(
          (policy) => isReadiness || !/InvokesBot/.test(policy),
        );
        expect([...needed]).toEqual(expect.arrayContaining([function_, ...policies, ...readers]));
      }
    }
  });

  it('gives the bot its rights before its code may serve an update', () => {
    const { id } = findFunction(template, path);
    const role = roleAt(template, path);
    const actions = statementsOf(template, role).flatMap(({ Action }) => Action);
    expect(actions).toContain('secretsmanager:GetSecretValue');
    const policies = policiesOf(template, role);
    expect([...needs(template, id)]).toEqual(expect.arrayContaining([role, ...policies]));
  });
});

describe('a queue that is being created', () => {
  const template = botTemplate({ delivery: Delivery.queued() });
  const queues = idsOf(template, 'AWS::SQS::Queue');
  const bot = findFunction(template, 'Bot/Queue/Bot').id;
  const ingress = findFunction(template, 'Bot/Endpoint/Receiver').id;
  const mapping = onlyResource(template, 'AWS::Lambda::EventSourceMapping').id;
  const readiness = onlyResource(template, 'Custom::TelegramBotReadiness').id;

  it.each([
    ['the bot', bot],
    ['its readiness check', readiness],
  ])('is not waited for by %s', (_, id) => {
    expect(queues).toHaveLength(2);
    expect(queues.filter((queue) => needs(template, id).has(queue))).toEqual([]);
  });

  it('has the name by which the bot knows it', () => {
    const { Environment } = findFunction(template, 'Bot/Queue/Bot').resource.Properties as {
      Environment: { Variables: Record<string, { 'Fn::Join': [string, unknown[]] }> };
    };
    const named = Object.values(template.findResources('AWS::SQS::Queue')).flatMap(
      ({ Properties }) => Properties.QueueName ?? [],
    );
    const role = { Ref: roleAt(template, 'Bot/Queue/Bot') };
    expect(named).toEqual([{ 'Fn::Join': ['', [role, '.fifo']] }]);
    expect(Environment.Variables.UPDATE_QUEUE_URL).toEqual({
      'Fn::Join': [
        '',
        [
          'https://sqs.',
          { Ref: 'AWS::Region' },
          '.',
          { Ref: 'AWS::URLSuffix' },
          '/',
          { Ref: 'AWS::AccountId' },
          '/',
          role,
          '.fifo',
        ],
      ],
    });
  });

  it('invokes the bot once the bot may read from it', () => {
    const policies = policiesOf(template, roleAt(template, 'Bot/Queue/Bot'));
    expect(JSON.stringify(template.findResources('AWS::IAM::Policy')[policies[0] ?? ''])).toContain(
      'sqs:ReceiveMessage',
    );
    expect([...needs(template, mapping)]).toEqual(expect.arrayContaining([...policies, ...queues]));
  });

  it('gets updates only when it invokes a bot that is ready', () => {
    expect([...needs(template, ingress)]).toEqual(expect.arrayContaining([mapping, readiness]));
  });
});

describe.each(deliveries)('what a user adds to a bot with $name delivery', ({ delivery, path }) => {
  const webhookOf = (template: Template) => onlyResource(template, 'Custom::TelegramWebhook').id;

  function templateWith(add: (stack: Stack, bot: TelegramBot) => void): Template {
    const { stack, bot } = botStack({ delivery });
    add(stack, bot);
    // It throws for a cycle.
    return Template.fromStack(stack);
  }

  const addTable = (stack: Stack) =>
    new TableV2(stack, 'Table', {
      partitionKey: { name: 'chat', type: AttributeType.STRING },
      removalPolicy: RemovalPolicy.DESTROY,
    });

  it('is there before the bot is checked and before the webhook is set: a table and the right to it', () => {
    const template = templateWith((stack, { bot }) => {
      const table = addTable(stack);
      table.grantReadWriteData(bot);
      bot.addEnvironment('TABLE', table.tableName);
    });
    const table = onlyResource(template, 'AWS::DynamoDB::GlobalTable').id;
    const policies = policiesOf(template, roleAt(template, path));
    expect(policies).toHaveLength(1);
    const checks = [webhookOf(template), ...idsOf(template, 'Custom::TelegramBotReadiness')];
    for (const id of checks) {
      expect([...needs(template, id)]).toEqual(expect.arrayContaining([table, ...policies]));
    }
  });

  it('is there before the bot, if the bot depends on it', () => {
    const template = templateWith((stack, { bot }) => bot.node.addDependency(addTable(stack)));
    const { id } = findFunction(template, path);
    expect(needs(template, id)).toContain(onlyResource(template, 'AWS::DynamoDB::GlobalTable').id);
  });

  const otherFunction = (stack: Stack, environment: Record<string, string>) =>
    new LambdaFunction(stack, 'Other', {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromInline('exports.handler = async () => {}'),
      environment,
    });

  it.each<[string, (stack: Stack, bot: TelegramBot) => void]>([
    [
      'a function that knows the host of the endpoint, and that the bot may invoke',
      (stack, { bot, endpoint }) => otherFunction(stack, { HOST: endpoint.host }).grantInvoke(bot),
    ],
    [
      "a function that waits for the webhook and uses the registration's attributes",
      (stack, { registration }) =>
        otherFunction(stack, { LINK: registration.link }).node.addDependency(registration),
    ],
    [
      'an output of the registration',
      (stack, { registration }) => new CfnOutput(stack, 'Link', { value: registration.link }),
    ],
    [
      'a right that is added by hand',
      (_, { bot }) =>
        bot.addToRolePolicy(new PolicyStatement({ actions: ['ses:SendEmail'], resources: ['*'] })),
    ],
  ])('makes no cycle: %s', (_, add) => {
    expect(() => templateWith(add)).not.toThrow();
  });
});
