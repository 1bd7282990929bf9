import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allow, lambdaTrust } from '../fixtures.ts';
import { AwsOnClock } from '../on-clock.ts';

const MINUTE = 60_000;
const trust = (conditions = {}) => ({
  Statement: {
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Principal: { Service: 'scheduler.amazonaws.com' },
    ...conditions,
  },
});

let test: AwsOnClock;
let roleArn: string;

beforeEach(async () => {
  test = await AwsOnClock.start();
  roleArn = test.role('schedule', trust(), allow('lambda:InvokeFunction', test.functionArn));
});

afterEach(() => test.close());

const schedule = (
  properties: Record<string, unknown> = {},
  target: Record<string, unknown> = {},
) => ({
  Watch: {
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      ScheduleExpression: 'rate(5 minutes)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: test.functionArn,
        RoleArn: roleArn,
        Input: '{"at":"<aws.scheduler.scheduled-time>"}',
        ...target,
      },
      ...properties,
    },
  },
  Other: { Type: 'AWS::Logs::LogGroup' },
});
const at = (time: string) => ({ at: `2026-01-01T${time}Z` });

describe('a schedule', () => {
  it('invokes at once and then at its rate, with the scheduled time in its input', async () => {
    const { status } = await test.deploy(schedule());
    expect(status).toBe('CREATE_COMPLETE');
    await test.advance(10 * MINUTE);
    expect(test.aws.lambda.events).toEqual([at('00:00:00'), at('00:05:00'), at('00:10:00')]);
  });

  it('fills in all context attributes, and sends an empty event without an input', async () => {
    const names = ['schedule-arn', 'execution-id', 'attempt-number', 'no-such'];
    const Input = JSON.stringify(names.map((name) => `<aws.scheduler.${name}>`));
    await test.deploy(schedule({ Name: 'one' }, { Input }));
    await test.deploy(schedule({ Name: 'two' }, { Input: undefined }));
    await test.advance(MINUTE);
    expect(test.aws.lambda.events).toEqual([{}]);
    await test.deploy(schedule({ Name: 'one' }, { Input }));
    await test.advance(MINUTE);
    expect(test.aws.lambda.events[1]).toEqual([
      'arn:aws:scheduler:us-east-1:123456789012:schedule/default/one',
      expect.stringMatching(/^[0-9a-f-]{36}$/),
      '1',
      '<aws.scheduler.no-such>',
    ]);
  });

  it('fires ahead of time for a test, besides its rate', async () => {
    await test.deploy(schedule());
    await test.advance(MINUTE);
    await test.aws.scheduler.fireAhead(60 * MINUTE);
    await test.advance(4 * MINUTE);
    expect(test.aws.lambda.events).toEqual([at('00:00:00'), at('01:01:00'), at('00:05:00')]);
  });

  it('keeps its rhythm through an update of its input, and starts again with another rate', async () => {
    await test.deploy(schedule());
    await test.advance(2 * MINUTE);
    await test.deploy(schedule({}, { Input: '"new"' }));
    await test.advance(3 * MINUTE);
    expect(test.aws.lambda.events).toEqual([at('00:00:00'), 'new']);
    await test.deploy(schedule({ ScheduleExpression: 'rate(1 hour)' }));
    await test.advance(60 * MINUTE);
    expect(test.aws.lambda.events.slice(2)).toEqual([at('00:05:00'), at('01:05:00')]);
  });

  it('fires once at the time of at(…), and never when that is over', async () => {
    await test.deploy(schedule({ ScheduleExpression: 'at(2026-01-03T12:00:00)' }));
    await test.advance(7 * 24 * 60 * MINUTE);
    expect(test.aws.lambda.events).toEqual([{ at: '2026-01-03T12:00:00Z' }]);
    await test.deploy(schedule({ ScheduleExpression: 'at(2026-01-04T12:00:00)' }));
    await test.advance(24 * 60 * MINUTE);
    expect(test.aws.lambda.events).toHaveLength(1);
  });

  it('does not fire while it is disabled, after it was deleted, or after the end', async () => {
    await test.deploy(schedule({ State: 'DISABLED' }));
    await test.advance(61 * MINUTE);
    expect(test.aws.lambda.events).toEqual([]);
    await test.deploy(schedule());
    await test.advance(MINUTE);
    await test.deploy({ Other: schedule().Other });
    await test.advance(60 * MINUTE);
    expect(test.aws.lambda.events).toEqual([]);
    await test.deploy(schedule());
    await test.aws.close();
    expect(test.clock.sleeping).toBe(0);
    await test.advance(60 * MINUTE);
    expect(test.aws.lambda.events).toEqual([]);
  });

  it('invokes only while its role may invoke the function, and tries again as often as it says', async () => {
    const RetryPolicy = { MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 3600 };
    const Input = '"<aws.scheduler.attempt-number>"';
    test.aws.iam.deletePolicy('schedule', 'policy');
    await test.deploy(schedule({ ScheduleExpression: 'rate(1 day)' }, { RetryPolicy, Input }));
    await test.advance(0);
    test.aws.iam.putPolicy('schedule', 'policy', allow('lambda:InvokeFunction', test.functionArn));
    await test.advance(MINUTE);
    expect(test.aws.lambda.events).toEqual(['2']);
    test.aws.iam.deletePolicy('schedule', 'policy');
    await test.advance(24 * 60 * MINUTE);
    test.aws.iam.putPolicy('schedule', 'policy', allow('lambda:InvokeFunction', test.functionArn));
    await test.advance(60 * MINUTE);
    expect(test.aws.lambda.events).toEqual(['2']);
  });
});

describe('a schedule is refused', () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>?]>([
    ['Invalid Schedule Expression', { ScheduleExpression: 'rate(0 minutes)' }],
    ['Invalid Schedule Expression', { ScheduleExpression: 'rate(5 seconds)' }],
    ['Invalid Schedule Expression', { ScheduleExpression: 'at(2026-13-01T00:00:00)' }],
    ['Invalid Schedule Expression', { ScheduleExpression: 'cron(0 12 * * * *)' }],
    ['runs only rate(…) and at(…)', { ScheduleExpression: 'cron(0 12 * * ? *)' }],
    ['Invalid name', { Name: 'a b' }],
    ['must be JSON', {}, { Input: '{' }],
    ['only Lambda functions', {}, { Arn: 'arn:aws:sqs:us-east-1:123456789012:queue' }],
    ['0 to 185', {}, { RetryPolicy: { MaximumRetryAttempts: 186 } }],
    ['60 to 86400', {}, { RetryPolicy: { MaximumEventAgeInSeconds: 59 } }],
  ])('by the service: %s', async (reason, properties, target) => {
    const state = await test.deploy(schedule(properties, target));
    expect(state.reason).toContain(reason);
  });

  it.each([
    { GroupName: 'own' },
    { FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 1 } },
    { ScheduleExpressionTimezone: 'Europe/Berlin' },
    { StartDate: '2026-01-01T00:00:00Z' },
    { State: 'PAUSED' },
  ])('before anything is created: %j', async (properties) => {
    await expect(test.deploy(schedule(properties))).rejects.toThrow(Object.keys(properties)[0]);
  });

  it('when the Scheduler cannot assume its role', async () => {
    const reason = 'must allow AWS EventBridge Scheduler to assume the role';
    const lambdaOnly = test.role('lambda-only', lambdaTrust);
    expect((await test.deploy(schedule({}, { RoleArn: lambdaOnly }))).reason).toContain(reason);
    await test.cloudFormation.destroy('Stack');
    const StringEquals = { 'aws:SourceAccount': '999999999999' };
    const foreign = test.role('foreign', trust({ Condition: { StringEquals } }));
    expect((await test.deploy(schedule({}, { RoleArn: foreign }))).reason).toContain(reason);
  });

  it('unless it matches the conditions of the CDK in the role', async () => {
    const StringEquals = {
      'aws:SourceAccount': '123456789012',
      'aws:SourceArn': 'arn:aws:scheduler:us-east-1:123456789012:schedule-group/default',
    };
    const RoleArn = test.role('conditional', trust({ Condition: { StringEquals } }));
    expect((await test.deploy(schedule({}, { RoleArn }))).status).toBe('CREATE_COMPLETE');
  });
});

describe('the API', () => {
  const get = async (path: string, asRole?: string) => {
    const { status, body } = await test.request('scheduler.us-east-1.amazonaws.com', {
      service: 'scheduler',
      method: 'GET',
      path,
      roleArn: asRole,
    });
    return { status, body: JSON.parse(body) };
  };

  it('returns one schedule with its input, and lists all', async () => {
    await test.deploy(schedule({ Name: 'watch', State: 'DISABLED' }));
    const summary = {
      Arn: 'arn:aws:scheduler:us-east-1:123456789012:schedule/default/watch',
      Name: 'watch',
      GroupName: 'default',
      State: 'DISABLED',
      CreationDate: 1_767_225_600,
    };
    const { body } = await get('/schedules/watch?groupName=default');
    expect(body).toMatchObject({
      ...summary,
      ScheduleExpression: 'rate(5 minutes)',
      Target: { RoleArn: roleArn, Input: '{"at":"<aws.scheduler.scheduled-time>"}' },
    });
    const listed = await get('/schedules?NamePrefix=wa');
    expect(listed.body.Schedules).toMatchObject([
      { ...summary, Target: { Arn: test.functionArn } },
    ]);
    expect((await get('/schedules?NamePrefix=x')).body).toEqual({ Schedules: [] });
    expect((await get('/schedules?State=ENABLED')).body).toEqual({ Schedules: [] });
  });

  it('refuses what is not there, not allowed, or not supported', async () => {
    expect(await get('/schedules/none')).toMatchObject({
      status: 404,
      body: { __type: 'ResourceNotFoundException', message: 'Schedule none does not exist.' },
    });
    const denied = await get('/schedules/none', roleArn);
    expect(denied.body.message).toContain('scheduler:GetSchedule on resource: arn:aws:scheduler');
    expect((await get('/schedules?NextToken=x')).body.message).toContain('NextToken');
    expect((await get('/schedule-groups')).body.__type).toBe('UnknownOperationException');
  });
});
