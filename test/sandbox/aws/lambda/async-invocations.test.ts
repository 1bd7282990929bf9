import { afterEach, beforeEach, expect, it } from 'vitest';
import { AwsOnClock } from '../on-clock.ts';

let test: AwsOnClock;

beforeEach(async () => {
  test = await AwsOnClock.start();
  test.aws.lambda.fails = true;
});

afterEach(() => test.close());

const config = (properties: Record<string, unknown> = {}) => ({
  Config: {
    Type: 'AWS::Lambda::EventInvokeConfig',
    Properties: { FunctionName: 'registrar', Qualifier: '$LATEST', ...properties },
  },
  Other: { Type: 'AWS::Logs::LogGroup' },
});

/** Returns how often the function gets one event within an hour. */
async function attempts(): Promise<number> {
  const before = test.aws.lambda.events.length;
  void test.aws.invocations.send(test.functionArn, {}).catch(() => {});
  await test.advance(3_600_000);
  return test.aws.lambda.events.length - before;
}

it('delivers an event twice more when the function fails, after one and after two minutes', async () => {
  void test.aws.invocations.send(test.functionArn, {});
  await test.advance(59_999);
  expect(test.aws.lambda.events).toHaveLength(1);
  await test.advance(1);
  expect(test.aws.lambda.events).toHaveLength(2);
  await test.advance(119_999);
  expect(test.aws.lambda.events).toHaveLength(2);
  await test.advance(3_600_000);
  expect(test.aws.lambda.events).toHaveLength(3);
});

it('does not deliver an event again after a success, or after the end', async () => {
  test.aws.lambda.fails = false;
  expect(await attempts()).toBe(1);
  test.aws.lambda.fails = true;
  void test.aws.invocations.send(test.functionArn, {}).catch(() => {});
  await test.aws.invocations.close();
  await test.advance(3_600_000);
  expect(test.aws.lambda.events).toHaveLength(2);
});

it('follows the configuration of the function, until that is deleted', async () => {
  await test.deploy(config({ MaximumRetryAttempts: 0 }));
  expect(await attempts()).toBe(1);
  await test.deploy(config({ MaximumRetryAttempts: 1 }));
  expect(await attempts()).toBe(2);
  await test.deploy(config({ MaximumEventAgeInSeconds: 100 }));
  expect(await attempts()).toBe(2);
  const { Other } = config();
  expect((await test.deploy({ Other })).status).toBe('UPDATE_COMPLETE');
  expect(await attempts()).toBe(3);
});

it.each([
  ["at 'maximumRetryAttempts' failed", { MaximumRetryAttempts: 3 }],
  ["at 'maximumEventAgeInSeconds' failed", { MaximumEventAgeInSeconds: 59 }],
])('refuses a configuration: %s', async (reason, properties) => {
  const state = await test.deploy(config(properties));
  expect(state).toMatchObject({
    status: 'ROLLBACK_COMPLETE',
    reason: expect.stringContaining(reason),
  });
});

it('refuses a second configuration of the function, and what it does not know', async () => {
  const { Config } = config();
  const state = await test.deploy({ Config, Second: { ...Config, DependsOn: 'Config' } });
  expect(state.reason).toContain('already has an EventInvokeConfig');
  await test.cloudFormation.destroy('Stack');
  await expect(test.deploy(config({ DestinationConfig: {} }))).rejects.toThrow('DestinationConfig');
});
