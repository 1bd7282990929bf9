import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AwsOnClock } from './on-clock.ts';

const MINUTE = 60_000;
const METRIC = { namespace: 'Kit', name: 'Unhealthy', dimensions: {} };
const ALARM_ARN = 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:unhealthy';
const TOPIC_ARN = 'arn:aws:sns:us-east-1:123456789012:alerts';

let test: AwsOnClock;

beforeEach(async () => {
  test = await AwsOnClock.start();
});

afterEach(() => test.close());

const alarm = (properties: Record<string, unknown> = {}) => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    AlarmName: 'unhealthy',
    AlarmDescription: 'Run npm run status',
    Namespace: 'Kit',
    MetricName: 'Unhealthy',
    Statistic: 'Maximum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    AlarmActions: [TOPIC_ARN],
    OKActions: [TOPIC_ARN],
    ...properties,
  },
});

/** Breaks the metric and heals it again. */
async function breakAndHeal(): Promise<void> {
  test.aws.metrics.put(METRIC, 1);
  await test.advance(MINUTE);
  test.aws.metrics.put(METRIC, 0);
  await test.advance(2 * MINUTE);
}

describe('an alarm with a topic', () => {
  const topic = (properties: Record<string, unknown> = {}) => ({
    Type: 'AWS::SNS::Topic',
    Properties: { TopicName: 'alerts', ...properties },
  });
  const policy = (...Statement: Record<string, unknown>[]) => ({
    Type: 'AWS::SNS::TopicPolicy',
    Properties: { PolicyDocument: { Statement }, Topics: [{ Ref: 'Topic' }] },
  });
  const tlsDenial = {
    Effect: 'Deny',
    Action: 'sns:Publish',
    Principal: '*',
    Resource: TOPIC_ARN,
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
  const allowance = (over: Record<string, unknown> = {}) => ({
    Effect: 'Allow',
    Action: 'sns:Publish',
    Principal: { Service: 'cloudwatch.amazonaws.com' },
    Resource: TOPIC_ARN,
    ...over,
  });

  it('publishes each change once, in the form of CloudWatch', async () => {
    await test.deploy({ Topic: topic(), Alarm: alarm() });
    await breakAndHeal();
    const [broken, healed, ...more] = test.aws.sns.published;
    expect(more).toEqual([]);
    expect(broken?.subject).toBe('ALARM: "unhealthy" in us-east-1');
    expect(JSON.parse(broken?.message ?? '')).toMatchObject({
      AlarmName: 'unhealthy',
      AlarmDescription: 'Run npm run status',
      NewStateValue: 'ALARM',
      OldStateValue: 'INSUFFICIENT_DATA',
      AlarmArn: ALARM_ARN,
      StateChangeTime: '2026-01-01T00:01:00.000+0000',
      Trigger: { MetricName: 'Unhealthy', Threshold: 1, TreatMissingData: 'missing' },
    });
    expect(JSON.parse(healed?.message ?? '')).toMatchObject({
      NewStateValue: 'OK',
      OldStateValue: 'ALARM',
    });
  });

  it('publishes nothing while its actions are off', async () => {
    await test.deploy({ Topic: topic(), Alarm: alarm({ ActionsEnabled: false }) });
    await breakAndHeal();
    expect(test.aws.sns.published).toEqual([]);
  });

  it.each<[string, number, Record<string, unknown>[]]>([
    ['only denies requests without TLS', 0, [tlsDenial]],
    ['also lets CloudWatch publish', 2, [tlsDenial, allowance()]],
    [
      'lets another service publish',
      0,
      [allowance({ Principal: { Service: 's3.amazonaws.com' } })],
    ],
    ['is about another action', 0, [allowance({ Action: 'sns:Subscribe' })]],
    [
      'lets alarms of this account publish',
      2,
      [allowance({ Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } } })],
    ],
    [
      'lets another alarm publish',
      0,
      [allowance({ Condition: { StringEquals: { 'aws:SourceArn': `${ALARM_ARN}2` } } })],
    ],
  ])('depends on the policy of the topic, which %s', async (_, messages, statements) => {
    const state = await test.deploy({
      Topic: topic(),
      Policy: policy(...statements),
      Alarm: alarm(),
    });
    expect(state.reason).toBeUndefined();
    await breakAndHeal();
    expect(test.aws.sns.published).toHaveLength(messages);
  });

  it('publishes again when the policy has been deleted, and not to a deleted topic', async () => {
    await test.deploy({ Topic: topic(), Policy: policy(tlsDenial), Alarm: alarm() });
    await test.deploy({ Topic: topic(), Alarm: alarm() });
    await breakAndHeal();
    expect(test.aws.sns.published).toHaveLength(2);
    await test.deploy({ Alarm: alarm() });
    await breakAndHeal();
    expect(test.aws.sns.published).toHaveLength(2);
  });

  it('may have subscriptions by email, which send nothing', async () => {
    const address = { Protocol: 'email', Endpoint: 'ada@example.com' };
    const state = await test.deploy({
      Topic: topic({ Subscription: [address] }),
      Email: {
        Type: 'AWS::SNS::Subscription',
        Properties: { TopicArn: { Ref: 'Topic' }, ...address },
      },
    });
    expect(state.resources.get('Email')?.physicalId).toMatch(`${TOPIC_ARN}:`);
    expect((await test.cloudFormation.destroy('Stack')).status).toBe('DELETE_COMPLETE');
  });

  it('refuses other subscriptions, topics and policies', async () => {
    const lambda = { Protocol: 'lambda', Endpoint: test.functionArn };
    await expect(test.deploy({ Topic: topic({ Subscription: [lambda] }) })).rejects.toThrow(
      'email',
    );
    await expect(test.deploy({ Topic: topic({ FifoTopic: true }) })).rejects.toThrow('FifoTopic');
    const everyone = allowance({ Principal: '*' });
    const state = await test.deploy({ Topic: topic(), Policy: policy(everyone) });
    expect(state.reason).toContain('cannot be for everyone');
  });
});

describe('a rule', () => {
  const rule = (
    properties: Record<string, unknown> = {},
    target: Record<string, unknown> = {},
  ) => ({
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventPattern: {
          source: ['aws.cloudwatch'],
          'detail-type': ['CloudWatch Alarm State Change'],
          resources: [{ prefix: ALARM_ARN.slice(0, -3) }],
        },
        State: 'ENABLED',
        Targets: [{ Id: 'Target0', Arn: test.functionArn, ...target }],
        ...properties,
      },
    },
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: test.functionArn,
        Principal: 'events.amazonaws.com',
        SourceArn: { 'Fn::GetAtt': ['Rule', 'Arn'] },
      },
    },
    Alarm: alarm(),
  });
  const pattern = (EventPattern: Record<string, unknown>) => rule({ EventPattern });

  it('sends each change of an alarm to the function, in the form of CloudWatch', async () => {
    await test.deploy(rule());
    await breakAndHeal();
    const [broken, healed, ...more] = test.aws.lambda.events;
    expect(more).toEqual([]);
    expect(broken).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'CloudWatch Alarm State Change',
      source: 'aws.cloudwatch',
      account: '123456789012',
      time: '2026-01-01T00:01:00Z',
      region: 'us-east-1',
      resources: [ALARM_ARN],
      detail: {
        alarmName: 'unhealthy',
        state: {
          value: 'ALARM',
          reason: expect.stringMatching(/^Threshold Crossed: 1 out of the last 1 datapoints/),
          reasonData: expect.stringContaining('"recentDatapoints":[1]'),
          timestamp: '2026-01-01T00:01:00.000+0000',
        },
        previousState: {
          value: 'INSUFFICIENT_DATA',
          reason: 'Unchecked: Initial alarm creation',
          timestamp: '2026-01-01T00:00:00.000+0000',
        },
        configuration: {
          description: 'Run npm run status',
          metrics: [
            {
              id: expect.any(String),
              metricStat: {
                metric: { namespace: 'Kit', name: 'Unhealthy', dimensions: {} },
                period: 60,
                stat: 'Maximum',
              },
              returnData: true,
            },
          ],
        },
      },
    });
    expect(healed).toMatchObject({ detail: { state: { value: 'OK' } } });
  });

  it.each<[number, Record<string, unknown>]>([
    [2, { resources: [ALARM_ARN] }],
    [0, { resources: [`${ALARM_ARN}2`] }],
    [0, { source: [{ prefix: 'own.' }] }],
    [1, { source: ['own', 'aws.cloudwatch'], detail: { state: { value: ['ALARM'] } } }],
    [0, { missing: ['x'] }],
  ])('sends %i events that match %j', async (events, fields) => {
    await test.deploy(pattern(fields));
    await breakAndHeal();
    expect(test.aws.lambda.events).toHaveLength(events);
  });

  it('sends nothing without a permission, while it is disabled, and after it was deleted', async () => {
    const { Rule, Alarm, Permission } = rule();
    await test.deploy({ Rule, Alarm });
    await breakAndHeal();
    const disabled = { ...Rule, Properties: { ...Rule.Properties, State: 'DISABLED' } };
    await test.deploy({ Rule: disabled, Alarm, Permission });
    await breakAndHeal();
    await test.deploy({ Alarm });
    await breakAndHeal();
    expect(test.aws.lambda.events).toEqual([]);
  });

  it('tries again as the function says when that fails', async () => {
    test.aws.lambda.fails = true;
    await test.deploy(pattern({ detail: { state: { value: ['ALARM'] } } }));
    await breakAndHeal();
    await test.advance(10 * MINUTE);
    expect(test.aws.lambda.events).toHaveLength(3);
  });

  it('sends an input of its own, or one with values of the event', async () => {
    await test.deploy(rule({}, { Input: '{"constant":1}' }));
    await breakAndHeal();
    expect(test.aws.lambda.events[0]).toEqual({ constant: 1 });
    const InputTransformer = {
      InputPathsMap: { state: '$.detail.state.value', all: '$.resources', none: '$.no.such' },
      InputTemplate: '{"state":<state>,"text":"is <state>","all":<all>,"none":<none>,"left":"<x>"}',
    };
    await test.deploy(rule({}, { InputTransformer }));
    await breakAndHeal();
    expect(test.aws.lambda.events.at(-1)).toEqual({
      state: 'OK',
      text: 'is OK',
      all: [ALARM_ARN],
      none: '',
      left: '<x>',
    });
  });

  it.each<[string, Record<string, unknown>]>([
    ['{"anything-but":"x"}', { source: [{ 'anything-but': 'x' }] }],
    [
      '{"prefix":{"equals-ignore-case":"x"}}',
      { source: [{ prefix: { 'equals-ignore-case': 'x' } }] },
    ],
    ['$or', { $or: [{ source: ['x'] }] }],
    ['is empty', {}],
    ['Empty arrays', { source: [] }],
    ['must be an object or an array', { source: 'x' }],
  ])('is refused for its pattern: %s', async (reason, fields) => {
    expect((await test.deploy(pattern(fields))).reason).toContain(reason);
  });

  it('is refused with another target, bus or a schedule', async () => {
    const { reason } = await test.deploy(rule({}, { Arn: 'arn:aws:sqs:us-east-1:123456789012:q' }));
    expect(reason).toContain('only Lambda functions as targets');
    await test.cloudFormation.destroy('Stack');
    await expect(test.deploy(rule({ EventBusName: 'own' }))).rejects.toThrow('EventBusName');
    await expect(test.deploy(rule({ ScheduleExpression: 'rate(1 day)' }))).rejects.toThrow(
      'Schedule',
    );
  });
});
