import { afterEach, beforeEach, expect, it } from 'vitest';
import { allow, lambdaTrust } from './fixtures.ts';
import { AwsOnClock } from './on-clock.ts';

let test: AwsOnClock;

beforeEach(async () => {
  test = await AwsOnClock.start();
  test.aws.logs.createGroup('bot', { retentionInDays: 30 });
});

afterEach(() => test.close());

async function write(...lines: string[]): Promise<void> {
  for (const line of lines) {
    test.aws.logs.write('bot', line);
    await test.advance(1000);
  }
}

async function messages(input: object): Promise<string[]> {
  const { events } = await test.call('logs', 'FilterLogEvents', { logGroupName: 'bot', ...input });
  return events.map(({ message }: { message: string }) => message);
}

it('returns the lines of a group with their time, stream and an id of their own', async () => {
  const start = test.clock.now();
  await write('a', 'b');
  const { events, nextToken } = await test.call('logs', 'FilterLogEvents', { logGroupName: 'bot' });
  expect(events).toMatchObject([
    { message: 'a', timestamp: start, logStreamName: 'default', ingestionTime: start },
    { message: 'b', timestamp: start + 1000 },
  ]);
  expect(events[0].eventId).not.toBe(events[1].eventId);
  expect(nextToken).toBeUndefined();
});

it('returns the lines between two times, both included', async () => {
  const start = test.clock.now();
  await write('a', 'b', 'c', 'd');
  expect(await messages({ startTime: start + 1000, endTime: start + 2000 })).toEqual(['b', 'c']);
});

it('returns page after page', async () => {
  await write('a', 'b', 'c');
  const first = await test.call('logs', 'FilterLogEvents', { logGroupName: 'bot', limit: 2 });
  expect(first.events).toHaveLength(2);
  expect(await messages({ limit: 2, nextToken: first.nextToken })).toEqual(['c']);
});

it.each([
  ['ERROR', ['ERROR one', 'ERROR two']],
  ['ERROR one', ['ERROR one']],
  ['"ERROR one"', ['ERROR one']],
  ['"one ERROR"', []],
  ['?one ?two', ['ERROR one', 'ERROR two', 'INFO two']],
  ['ERROR -two', ['ERROR one']],
  ['error', []],
  ['', ['ERROR one', 'ERROR two', 'INFO two', 'INFO']],
])('filters by terms: %s', async (filterPattern, expected) => {
  await write('ERROR one', 'ERROR two', 'INFO two', 'INFO');
  expect(await messages({ filterPattern })).toEqual(expected);
});

it.each([
  ['only terms', { filterPattern: '{ $.level = "ERROR" }' }],
  ['only terms', { filterPattern: 'a-b' }],
  ['limit', { limit: 10_001 }],
  ['nextToken', { nextToken: 'x' }],
  ['Exactly one of', { logGroupIdentifier: 'bot' }],
  ['does not exist', { logGroupName: 'none' }],
  ['logStreamNames', { logStreamNames: ['x'] }],
])('refuses, and says why: %s', async (reason, input) => {
  const answer = await test.call('logs', 'FilterLogEvents', { logGroupName: 'bot', ...input });
  expect(answer.message).toContain(reason);
});

it('takes the ARN of a group, and shows no lines of an earlier group of that name', async () => {
  await write('a');
  test.aws.logs.deleteGroup('bot');
  test.aws.logs.createGroup('bot', {});
  await write('b');
  const logGroupIdentifier = 'arn:aws:logs:us-east-1:123456789012:log-group:bot';
  const { events } = await test.call('logs', 'FilterLogEvents', { logGroupIdentifier });
  expect(events).toMatchObject([{ message: 'b' }]);
});

it('lists groups by prefix', async () => {
  test.aws.logs.createGroup('access', {});
  const { logGroups } = await test.call('logs', 'DescribeLogGroups', { logGroupNamePrefix: 'b' });
  expect(logGroups).toEqual([
    {
      logGroupName: 'bot',
      arn: 'arn:aws:logs:us-east-1:123456789012:log-group:bot:*',
      logGroupArn: 'arn:aws:logs:us-east-1:123456789012:log-group:bot',
      creationTime: test.clock.now(),
      retentionInDays: 30,
    },
  ]);
});

it('lets a role read only the groups that its policy names', async () => {
  const bot = 'arn:aws:logs:us-east-1:123456789012:log-group:bot:*';
  const roleArn = test.role('reader', lambdaTrust, allow('logs:FilterLogEvents', bot));
  test.aws.logs.createGroup('access', {});
  const ask = (logGroupName: string) =>
    test.call('logs', 'FilterLogEvents', { logGroupName }, roleArn);
  expect((await ask('bot')).events).toEqual([]);
  expect((await ask('access')).message).toContain(
    'not authorized to perform: logs:FilterLogEvents',
  );
});
