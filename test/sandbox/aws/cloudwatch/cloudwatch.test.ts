import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lambdaTrust } from '../fixtures.ts';
import { AwsOnClock } from '../on-clock.ts';

const MINUTE = 60_000;
const TOPIC = 'arn:aws:sns:us-east-1:123456789012:alerts';
const METRIC = { namespace: 'Kit', name: 'Unhealthy', dimensions: { Bot: 'b', Stack: 's' } };

let test: AwsOnClock;

beforeEach(async () => {
  test = await AwsOnClock.start();
});

afterEach(() => test.close());

const alarm = (properties: Record<string, unknown> = {}) => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    AlarmName: 'unhealthy',
    Namespace: 'Kit',
    MetricName: 'Unhealthy',
    Dimensions: [
      { Name: 'Stack', Value: 's' },
      { Name: 'Bot', Value: 'b' },
    ],
    Statistic: 'Maximum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'notBreaching',
    ...properties,
  },
});
const other = { Type: 'AWS::Logs::LogGroup' };
const state = () => test.aws.cloudWatch.state('unhealthy').value;

describe('an alarm', () => {
  it('is evaluated at every full minute, from insufficient data on', async () => {
    await test.advance(10_000);
    await test.deploy({ Alarm: alarm(), other });
    test.aws.metrics.put(METRIC, 1);
    expect(state()).toBe('INSUFFICIENT_DATA');
    await test.advance(49_999);
    expect(state()).toBe('INSUFFICIENT_DATA');
    await test.advance(1);
    expect(state()).toBe('ALARM');
    test.aws.metrics.put(METRIC, 0);
    await test.advance(MINUTE);
    expect(state()).toBe('OK');
    test.aws.metrics.put({ ...METRIC, dimensions: { Bot: 'b' } }, 1);
    await test.advance(MINUTE);
    expect(state()).toBe('OK');
  });

  it('keeps its state through an update, and is no longer evaluated after it was deleted', async () => {
    await test.deploy({ Alarm: alarm(), other });
    test.aws.metrics.put(METRIC, 1);
    await test.advance(MINUTE);
    await test.deploy({ Alarm: alarm({ AlarmActions: [TOPIC] }), other });
    expect(state()).toBe('ALARM');
    await test.deploy({ Alarm: alarm({ AlarmName: 'renamed' }), other });
    expect(test.aws.cloudWatch.state('renamed').value).toBe('INSUFFICIENT_DATA');
    expect(state).toThrow('does not exist');
    await test.deploy({ other });
    expect(test.clock.sleeping).toBe(0);
  });

  it('compares the statistic of a longer period, which moves on by the minute', async () => {
    await test.deploy({ Alarm: alarm({ Period: 300, Statistic: 'Sum', Threshold: 3 }) });
    for (const seconds of [60, 60, 60, 60]) {
      test.aws.metrics.put(METRIC, 1);
      await test.advance(seconds * 1000);
    }
    expect(state()).toBe('ALARM');
    await test.advance(2 * MINUTE);
    expect(state()).toBe('ALARM');
    await test.advance(MINUTE);
    expect(state()).toBe('OK');
  });

  it.each([
    ['Sum', 6],
    ['Average', 2],
    ['Minimum', 1],
    ['Maximum', 3],
    ['SampleCount', 3],
  ])('knows the statistic %s', async (Statistic, expected) => {
    await test.deploy({ Alarm: alarm({ Statistic, Threshold: expected }) });
    for (const value of [3, 1, 2]) test.aws.metrics.put(METRIC, value);
    await test.advance(MINUTE);
    expect(test.aws.cloudWatch.state('unhealthy').reason).toContain(`[${expected}.0 (`);
  });

  it('may have its metric in the form that the CDK writes for a label', async () => {
    const { Namespace, MetricName, Dimensions, ...rest } = alarm().Properties;
    const Metric = { Namespace, MetricName, Dimensions };
    const MetricStat = { Metric, Period: 60, Stat: 'Maximum' };
    const Properties = {
      ...rest,
      Statistic: undefined,
      Period: undefined,
      Metrics: [{ Id: 'm1', Label: 'x', MetricStat, ReturnData: true }],
    };
    await test.deploy({
      Alarm: { ...alarm(), Properties: JSON.parse(JSON.stringify(Properties)) },
    });
    test.aws.metrics.put(METRIC, 1);
    await test.advance(MINUTE);
    expect(state()).toBe('ALARM');
  });

  it.each<[string, Record<string, unknown>]>([
    ['whole minutes', { Period: 10 }],
    ['DatapointsToAlarm must not exceed', { DatapointsToAlarm: 2 }],
    ['more than a day', { Period: 3600, EvaluationPeriods: 25 }],
    ['only SNS topics as actions', { OKActions: ['arn:aws:swf:us-east-1:1:action/x'] }],
    ['either Metrics or Namespace', { Namespace: '' }],
  ])('is refused by the service: %s', async (reason, properties) => {
    expect((await test.deploy({ Alarm: alarm(properties) })).reason).toContain(reason);
  });

  it.each<Record<string, unknown>>([
    { Metrics: [{ Id: 'e1', Expression: 'a + b' }] },
    { ExtendedStatistic: 'p99' },
    { Statistic: 'p99' },
    { ComparisonOperator: 'GreaterThanUpperThreshold' },
    { TreatMissingData: 'fine' },
  ])('is refused before anything is created: %j', async (properties) => {
    const [name = ''] = Object.keys(properties);
    await expect(test.deploy({ Alarm: alarm(properties) })).rejects.toThrow(name);
  });
});

describe('metrics', () => {
  const line = (over: Record<string, unknown> = {}, directive: Record<string, unknown> = {}) =>
    JSON.stringify({
      _aws: {
        Timestamp: test.clock.now(),
        CloudWatchMetrics: [
          {
            Namespace: 'Kit',
            Dimensions: [['Stack', 'Bot']],
            Metrics: [{ Name: 'Unhealthy' }],
            ...directive,
          },
        ],
      },
      Stack: 's',
      Bot: 'b',
      Unhealthy: 1,
      ...over,
    });
  const sum = () => test.aws.metrics.of(METRIC).statistic('Sum', 0, test.clock.now() + 1);

  it('are read from a log line with _aws at its root', () => {
    test.aws.logs.createGroup('log', {});
    test.aws.logs.write('log', line());
    test.aws.logs.write('log', line({ Unhealthy: [2, 3] }));
    expect(sum()).toBe(6);
  });

  it('are not read from a line in which something else is at its root, or that is not valid', () => {
    test.aws.logs.createGroup('log', {});
    const nested = JSON.stringify({ level: 'ERROR', message: JSON.parse(line()) });
    const withoutTime = line({ _aws: { ...JSON.parse(line())._aws, Timestamp: undefined } });
    const lines = [
      nested,
      line({ _aws: undefined, message: JSON.parse(line()) }),
      withoutTime,
      `text ${line()}`,
      line().slice(0, -1),
      line({ Stack: undefined }),
      line({ Unhealthy: '1' }),
      line({}, { Namespace: '' }),
      line({}, { Dimensions: ['Stack', 'Bot'] }),
      line({}, { Metrics: ['Unhealthy'] }),
    ];
    for (const one of lines) test.aws.logs.write('log', one);
    expect(sum()).toBeUndefined();
  });

  const fifo = { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true, QueueName: 'q.fifo' } };
  const ofQueue = (name: string) =>
    test.aws.metrics
      .of({ namespace: 'AWS/SQS', name, dimensions: { QueueName: 'q.fifo' } })
      .statistic('Maximum', test.clock.now() - MINUTE, test.clock.now());

  it('tell how many messages of a queue wait, and how old the oldest is', async () => {
    const { outputs } = await test.deploy({ Queue: fifo, Alarm: alarm() });
    expect(outputs).toEqual({});
    await test.advance(MINUTE);
    expect(ofQueue('ApproximateNumberOfMessagesVisible')).toBeUndefined();
    const queue = test.aws.sqs.queue('arn:aws:sqs:us-east-1:123456789012:q.fifo');
    queue.send({ body: 'a', group: 'a', deduplicationId: 'a' });
    queue.send({ body: 'b', group: 'b', deduplicationId: 'b' });
    queue.receive({ max: 1, visibilityMs: 10 * MINUTE });
    await test.advance(5 * MINUTE);
    expect(ofQueue('ApproximateNumberOfMessagesVisible')).toBe(1);
    expect(ofQueue('ApproximateNumberOfMessagesNotVisible')).toBe(1);
    expect(ofQueue('ApproximateAgeOfOldestMessage')).toBe(300);
  });

  it('of a queue that nobody uses end after six hours', async () => {
    await test.deploy({ Queue: fifo, Alarm: alarm() });
    const queue = test.aws.sqs.queue('arn:aws:sqs:us-east-1:123456789012:q.fifo');
    queue.receive({ max: 1 });
    await test.advance(5 * 60 * MINUTE);
    expect(ofQueue('ApproximateNumberOfMessagesVisible')).toBe(0);
    expect(ofQueue('ApproximateAgeOfOldestMessage')).toBe(0);
    await test.advance(60 * MINUTE);
    expect(ofQueue('ApproximateNumberOfMessagesVisible')).toBeUndefined();
  });

  it('count the responses of an HTTP API, with and without its stage', async () => {
    const location = { account: '123456789012', region: 'us-east-1' };
    for (const status of [200, 404, 500, 503])
      test.aws.metrics.countResponse('api', status, location);
    const ofStage: Record<string, string> = { ApiId: 'api', Stage: '$default' };
    for (const dimensions of [{ ApiId: 'api' }, ofStage]) {
      const sums = ['Count', '4xx', '5xx'].map((name) =>
        test.aws.metrics
          .of({ namespace: 'AWS/ApiGateway', name, dimensions })
          .statistic('Sum', 0, test.clock.now() + 1),
      );
      expect(sums).toEqual([4, 1, 2]);
    }
  });
});

describe('the API', () => {
  it('describes alarms by name, prefix and state', async () => {
    await test.deploy({
      One: alarm(),
      Two: alarm({ AlarmName: 'other', AlarmDescription: 'why' }),
    });
    test.aws.metrics.put(METRIC, 1);
    await test.advance(MINUTE);
    const { MetricAlarms } = await test.call('monitoring', 'DescribeAlarms', {
      AlarmNames: ['other'],
    });
    expect(MetricAlarms).toMatchObject([
      {
        AlarmName: 'other',
        AlarmArn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:other',
        AlarmDescription: 'why',
        StateValue: 'ALARM',
        StateReason: expect.stringContaining(
          '1 out of the last 1 datapoints [1.0 (01/01/26 00:00:00)]',
        ),
        StateUpdatedTimestamp: 1_767_225_660,
      },
    ]);
    const names = async (input: object) => {
      const answer = await test.call('monitoring', 'DescribeAlarms', input);
      return answer.MetricAlarms.map(({ AlarmName }: { AlarmName: string }) => AlarmName);
    };
    expect(await names({})).toEqual(['unhealthy', 'other']);
    expect(await names({ AlarmNamePrefix: 'un' })).toEqual(['unhealthy']);
    expect(await names({ StateValue: 'OK' })).toEqual([]);
    expect(await names({ AlarmTypes: ['CompositeAlarm'] })).toEqual([]);
  });

  it('returns statistics of a metric by period, without those that have no value', async () => {
    test.aws.metrics.put(METRIC, 1);
    await test.advance(10 * MINUTE);
    for (const value of [2, 3]) test.aws.metrics.put(METRIC, value);
    const start = test.clock.now() / 1000;
    const answer = await test.call('monitoring', 'GetMetricStatistics', {
      Namespace: 'Kit',
      MetricName: 'Unhealthy',
      Dimensions: alarm().Properties.Dimensions,
      StartTime: start - 600,
      EndTime: start + 300,
      Period: 300,
      Statistics: ['Sum', 'Maximum'],
    });
    expect(answer.Datapoints).toEqual([
      { Timestamp: start - 600, Sum: 1, Maximum: 1, Unit: 'None' },
      { Timestamp: start, Sum: 5, Maximum: 3, Unit: 'None' },
    ]);
  });

  it('refuses what the caller may not do, and what it does not support', async () => {
    const roleArn = test.role('nobody', lambdaTrust);
    const denied = await test.call('monitoring', 'DescribeAlarms', {}, roleArn);
    expect(denied.message).toContain('not authorized to perform: cloudwatch:DescribeAlarms');
    const unknown = await test.call('monitoring', 'PutMetricData', {});
    expect(unknown.__type).toBe('UnknownOperationException');
    const extra = await test.call('monitoring', 'DescribeAlarms', { MaxRecords: 1 });
    expect(extra.message).toContain('MaxRecords');
  });
});
