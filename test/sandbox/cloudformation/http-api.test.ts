import { afterEach, beforeEach, expect, it } from 'vitest';
import { allow, lambdaTrust } from '../aws/fixtures.ts';
import { AwsOnClock } from '../aws/on-clock.ts';
import { stackOf } from './fakes.ts';
import { serveCloudFormation } from './http-api.ts';

let test: AwsOnClock;
let stackId: string;

beforeEach(async () => {
  test = await AwsOnClock.start();
  serveCloudFormation({ ...test, iam: test.aws.iam });
  const Metadata = { 'aws:cdk:path': 'Bot/Log/Resource' };
  const artifact = stackOf(
    { Log: { Type: 'AWS::Logs::LogGroup', Metadata } },
    { Outputs: { Name: { Value: 'a<b&c' } } },
    'bot-prod',
  );
  stackId = (await test.cloudFormation.deploy({ ...artifact, tags: { stage: 'prod' } })).stackId;
  await test.cloudFormation.deploy(stackOf({ Log: { Type: 'AWS::Logs::LogGroup' } }, {}, 'other'));
});

afterEach(() => test.close());

function ask(Action: string, input: Record<string, string> = {}, roleArn?: string) {
  const parameters = { Action, Version: '2010-05-15', ...input };
  return test.request('cloudformation.us-east-1.amazonaws.com', {
    service: 'cloudformation',
    body: new URLSearchParams(parameters).toString(),
    roleArn,
  });
}

it('describes one stack, by name or id, with its outputs, tags and times', async () => {
  for (const StackName of ['bot-prod', stackId]) {
    const { body } = await ask('DescribeStacks', { StackName });
    expect(body).toContain(
      `<StackName>bot-prod</StackName><StackId>${stackId}</StackId><StackStatus>CREATE_COMPLETE</StackStatus>` +
        '<CreationTime>2026-01-01T00:00:00.000Z</CreationTime>',
    );
    expect(body).toContain('<OutputKey>Name</OutputKey><OutputValue>a&lt;b&amp;c</OutputValue>');
    expect(body).toContain('<Key>stage</Key><Value>prod</Value>');
    expect(body).not.toContain('other');
  }
});

it('describes all stacks, and when one was updated last', async () => {
  await test.advance(60_000);
  const changed = stackOf({ New: { Type: 'AWS::Logs::LogGroup' } }, {}, 'other');
  await test.cloudFormation.deploy(changed);
  const { body } = await ask('DescribeStacks');
  expect(body.match(/<StackName>[^<]+/g)).toEqual(['<StackName>bot-prod', '<StackName>other']);
  expect(body.match(/<LastUpdatedTime>[^<]+/g)).toEqual([
    '<LastUpdatedTime>2026-01-01T00:01:00.000Z',
  ]);
});

it('returns the template of a stack, with the paths of its constructs', async () => {
  const { body } = await ask('GetTemplate', { StackName: 'bot-prod' });
  const text = /<TemplateBody>(.*)<\/TemplateBody>/.exec(body)?.[1] ?? '';
  const template = JSON.parse(text.replaceAll('&lt;', '<').replaceAll('&amp;', '&'));
  expect(template.Resources.Log).toMatchObject({
    Type: 'AWS::Logs::LogGroup',
    Metadata: { 'aws:cdk:path': 'Bot/Log/Resource' },
  });
});

it.each([
  ['DescribeStackResources', 'StackResources', 'Timestamp'],
  ['ListStackResources', 'StackResourceSummaries', 'LastUpdatedTimestamp'],
])('tells the physical ids of resources: %s', async (action, list, timestamp) => {
  const { body } = await ask(action, { StackName: 'bot-prod' });
  expect(body).toMatch(
    new RegExp(
      `<${list}><member>.*<LogicalResourceId>Log</LogicalResourceId>` +
        '<PhysicalResourceId>bot-prod-Log-\\w+</PhysicalResourceId>' +
        '<ResourceType>AWS::Logs::LogGroup</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus>' +
        `<${timestamp}>2026-01-01T00:00:00.000Z</${timestamp}></member></${list}>`,
    ),
  );
});

it('refuses unknown stacks, operations and parameters', async () => {
  const none = await ask('GetTemplate', { StackName: 'none' });
  expect(none).toMatchObject({
    status: 400,
    body: expect.stringContaining('<Code>ValidationError<'),
  });
  expect(none.body).toContain('Stack with id none does not exist');
  expect((await ask('CreateStack')).body).toContain('does not support CreateStack');
  expect((await ask('DescribeStacks', { NextToken: 'x' })).body).toContain('NextToken');
  expect((await ask('DescribeStacks', { Version: '1' })).body).toContain('only version 2010-05-15');
});

it('lets a role read only the stack that its policy names', async () => {
  const policy = allow('cloudformation:DescribeStacks', stackId);
  const roleArn = test.role('reader', lambdaTrust, policy);
  expect((await ask('DescribeStacks', { StackName: 'bot-prod' }, roleArn)).status).toBe(200);
  for (const input of [{ StackName: 'other' }, {}] as Record<string, string>[]) {
    const denied = await ask('DescribeStacks', input, roleArn);
    expect(denied).toMatchObject({ status: 403, body: expect.stringContaining('not authorized') });
  }
});

it('tells every caller who it is', async () => {
  const roleArn = test.role('nobody', lambdaTrust);
  const { body } = await test.request('sts.us-east-1.amazonaws.com', {
    service: 'sts',
    body: 'Action=GetCallerIdentity&Version=2011-06-15',
    roleArn,
  });
  expect(body).toContain(
    '<Account>123456789012</Account><Arn>arn:aws:sts::123456789012:assumed-role/nobody/session</Arn>',
  );
});
