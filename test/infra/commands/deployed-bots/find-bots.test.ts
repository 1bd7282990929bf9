import { Template } from 'aws-cdk-lib/assertions';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { describe, expect, it } from 'vitest';
import { StackNotDeployed } from '../../../../infra/commands/deployed-bots/deployed-stack.ts';
import { findBots, findStacks } from '../../../../infra/commands/deployed-bots/find-bots.ts';
import { Delivery } from '../../../../infra/settings/delivery.ts';
import { botStack, botTemplate } from '../../synth.ts';
import { cloudFormationWith } from './cloud-formation.ts';

const app = 'node --import tsx test/infra/commands/deployed-bots/app.ts';

function templateWithAlarms(): object {
  const { stack, bot } = botStack({ delivery: Delivery.queued() });
  new CfnAlarm(bot, 'DeadLetters', { comparisonOperator: 'x', evaluationPeriods: 1 });
  new CfnAlarm(stack, 'Other', { comparisonOperator: 'x', evaluationPeriods: 1 });
  return Template.fromStack(stack).toJSON();
}

const inRegion = (stacks: Parameters<typeof cloudFormationWith>[0]) => (region?: string) =>
  cloudFormationWith(stacks, region);

describe('a deployed bot', () => {
  it('has what its stack has for it, found beyond the first page of resources', async () => {
    const { bots, problems } = await findBots(
      { stack: 'Mine' },
      inRegion({ Mine: { template: templateWithAlarms() } }),
    );
    expect(problems).toEqual([]);
    expect(bots).toEqual([
      {
        path: 'Kit/Bot',
        webhook: expect.objectContaining({ MaxConnections: '40', ExistingWebhook: 'replace' }),
        identity: expect.objectContaining({ ApiRoot: 'https://api.telegram.org' }),
        stack: expect.objectContaining({
          name: 'Mine',
          region: 'eu-west-1',
          status: 'UPDATE_COMPLETE',
          deployedAt: new Date('2027-01-01T10:00:00Z'),
        }),
        frameworkLogGroup: expect.stringMatching(/^RegistrarFrameworkLogging.*-physical$/),
        registrar: {
          name: expect.stringMatching(/^RegistrarFunction[^L]*-physical$/),
          logGroup: expect.stringMatching(/^RegistrarFunctionLoggingLogGroup.*-physical$/),
        },
        bot: {
          name: expect.stringMatching(/^BotQueueBot[^L]*-physical$/),
          logGroup: expect.stringMatching(/^BotQueueBotLoggingLogGroup.*-physical$/),
        },
        ingress: {
          name: expect.stringMatching(/^BotEndpointReceiver[^L]*-physical$/),
          logGroup: expect.stringMatching(/^BotEndpointReceiverLoggingLogGroup.*-physical$/),
        },
        accessLogGroup: expect.stringMatching(/^BotEndpointAccessLog.*-physical$/),
        updates: expect.stringMatching(/^BotQueueUpdates.*-physical$/),
        deadLetters: expect.stringMatching(/^BotQueueDeadLetters.*-physical$/),
        schedule: { name: expect.stringMatching(/^WebhookWatch5MinutesSchedule.*-physical$/) },
        alarms: [expect.stringMatching(/^BotDeadLetters.*-physical$/)],
      },
    ]);
  });

  it('has no queue with direct delivery', async () => {
    const template = botTemplate().toJSON();
    const { bots } = await findBots({ stack: 'Mine' }, inRegion({ Mine: { template } }));
    expect(bots[0]).toMatchObject({
      bot: { name: expect.stringMatching(/^BotEndpointReceiver/) },
      ingress: undefined,
      updates: undefined,
      deadLetters: undefined,
      alarms: [],
    });
  });

  it('is found in a nested stack', async () => {
    const parent = { Resources: { Child: { Type: 'AWS::CloudFormation::Stack' } } };
    const { bots } = await findBots(
      { stack: 'Parent' },
      inRegion({ Parent: { template: parent }, Child: { template: botTemplate().toJSON() } }),
    );
    expect(bots).toMatchObject([{ path: 'Kit/Bot', stack: { name: 'Parent' } }]);
  });

  it('cannot be found in a template without construct paths', async () => {
    const template = JSON.parse(
      JSON.stringify(botTemplate().toJSON()).replaceAll('aws:cdk:path', 'other'),
    );
    await expect(findBots({ stack: 'Mine' }, inRegion({ Mine: { template } }))).rejects.toThrow(
      'remove "pathMetadata": false from cdk.json',
    );
  });
});

describe('the bots of an app', () => {
  const europe = { template: botTemplate().toJSON(), account: '111122223333' };

  it('are those of the stacks that can be read, with a message about each other one', async () => {
    const { bots, problems } = await findBots(
      { app, context: ['stage=prod'] },
      (region = 'us-east-1') =>
        cloudFormationWith(region === 'eu-central-1' ? { 'Europe-Parent': europe } : {}, region),
    );
    expect(bots.map(({ stack }) => stack.region)).toEqual(['eu-central-1']);
    expect(problems).toEqual([
      'Stack shop-prod is not deployed in us-east-1. Deploy it with `npm run deploy -- ' +
        `--app "${app}" -c stage=prod Shop\`, or use the region and the credentials that it was deployed with.`,
    ]);
  });

  it('are not looked for in another account than that of the app', async () => {
    const template = botTemplate().toJSON();
    const stacks = await findStacks(
      { app, stage: 'prod' },
      inRegion({ 'shop-prod': { template }, 'Europe-Parent': { template } }),
    );
    expect(stacks[1]?.deployed).toHaveProperty(
      'message',
      'The app deploys stack Europe-Parent to account 111122223333, but your credentials are for account ' +
        '123456789012: set AWS_PROFILE or pass --profile.',
    );
  });

  it('can be narrowed to one by its path', async () => {
    const template = botTemplate().toJSON();
    const found = await findStacks(
      { app, stage: 'prod', bot: 'Shop/Support' },
      inRegion({ 'shop-prod': { template }, 'Europe-Parent': europe }),
    );
    expect(found.map(({ declared }) => declared.bots.map(({ path }) => path))).toEqual([
      ['Shop/Support'],
    ]);
    await expect(
      findStacks({ stack: 'Mine', bot: 'Kit/Bo' }, inRegion({ Mine: { template } })),
    ).rejects.toThrow(
      'There is no bot Kit/Bo. --bot takes the path of a TelegramBot construct: Kit/Bot',
    );
  });
});

describe('a stack that cannot be read', () => {
  it.each([
    [new Error('Region is missing'), 'Set AWS_REGION'],
    [Object.assign(new Error('no'), { name: 'CredentialsProviderError' }), 'Sign in'],
    [Object.assign(new Error('no'), { name: 'AccessDenied' }), '--help to see the permissions'],
  ])('is reported with a hint: %s', async (error, hint) => {
    await expect(findBots({ stack: 'Mine' }, inRegion({ Mine: error }))).rejects.toThrow(hint);
    await expect(
      findBots({ stack: 'Mine', bot: 'Mine/Bot' }, inRegion({ Mine: error })),
    ).rejects.toThrow(hint);
  });

  it('may only have been prepared by a change set', async () => {
    const [found] = await findStacks(
      { stack: 'Mine' },
      inRegion({ Mine: { template: {}, status: 'REVIEW_IN_PROGRESS' } }),
    );
    expect(found?.deployed).toHaveProperty('cause', expect.any(StackNotDeployed));
  });

  it('may have no bot', async () => {
    await expect(findBots({ stack: 'Mine' }, inRegion({ Mine: { template: {} } }))).rejects.toThrow(
      'No TelegramBot is deployed in Mine.',
    );
  });
});
