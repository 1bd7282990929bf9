import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { gone } from '../aws/fixtures.ts';
import { parseTemplate } from '../cloudformation/template.ts';
import { Sandbox } from '../sandbox.ts';
import { Staging } from './staging.ts';

/** Defines `answer`, which sends the response of a custom resource. */
const ANSWER = `
  const answer = async ({ StackId, RequestId, LogicalResourceId, ResponseURL }, response) => {
    const body = JSON.stringify({
      ...response, PhysicalResourceId: 'bot', StackId, RequestId, LogicalResourceId,
    });
    const request = process.getBuiltinModule('node:https').request(ResponseURL, {
      method: 'PUT', headers: { 'content-length': body.length },
    });
    await new Promise((resolve) => request.on('response', resolve).end(body));
  };`;

/** Succeeds to create the bot, and never answers when it is to be deleted. */
const SOURCE = `${ANSWER}
  export const handler = async (event) => {
    console.log(process.pid);
    if (event.RequestType === 'Delete') await new Promise(() => setInterval(() => {}, 1000));
    await answer(event, { Status: 'SUCCESS' });
  };`;

/** Retries a function that cannot be loaded for 25 seconds, as the registrar does, and then says how often. */
const PATIENT_SOURCE = `${ANSWER}
  const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);
  const { InvokeCommand, LambdaClient } = require('@aws-sdk/client-lambda');
  const { setTimeout: sleep } = process.getBuiltinModule('node:timers/promises');
  export const handler = async (event) => {
    const lambda = new LambdaClient();
    const end = Date.now() + 25_000;
    let tries = 0;
    do {
      tries++;
      await lambda.send(new InvokeCommand({ FunctionName: process.env.BROKEN }));
      await sleep(1000);
    } while (Date.now() < end);
    const aheadMs = Date.now() - new Date().getTime();
    const Reason = aheadMs > 1000 * (tries - 1) ? 'gave up ahead of time' : 'waited';
    const isDelete = event.RequestType === 'Delete';
    await answer(event, { Status: isDelete ? 'SUCCESS' : 'FAILED', Reason });
  };`;

const hashes = { Function: 'abc', Broken: 'def' };

const lambdaFunction = (name: keyof typeof hashes, properties: object = {}) => ({
  Type: 'AWS::Lambda::Function',
  Metadata: { 'aws:cdk:path': `Stack/${name}/Resource` },
  Properties: {
    Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Timeout: 900,
    LoggingConfig: { LogFormat: 'JSON' },
    Code: { S3Bucket: 'cdk-hnb659fds-assets-123456789012-us-east-1', S3Key: `${hashes[name]}.zip` },
    ...properties,
  },
});

/** @param broken is the source of a function that the first one may invoke */
function stackWithFunction(source: string, broken = '') {
  const code = mkdtempSync(join(tmpdir(), 'code-'));
  for (const [hash, text] of [
    [hashes.Function, source],
    [hashes.Broken, broken],
  ] as const) {
    mkdirSync(join(code, hash));
    writeFileSync(join(code, hash, 'index.mjs'), text);
  }
  const template = {
    Resources: {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: {
              Effect: 'Allow',
              Action: 'sts:AssumeRole',
              Principal: { Service: 'lambda.amazonaws.com' },
            },
          },
          ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'],
        },
      },
      Policy: {
        Type: 'AWS::IAM::Policy',
        Properties: {
          PolicyName: 'Policy',
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: '*' },
          },
          Roles: [{ Ref: 'Role' }],
        },
      },
      Broken: lambdaFunction('Broken'),
      Function: lambdaFunction('Function', {
        Environment: { Variables: { BROKEN: { Ref: 'Broken' } } },
      }),
      Bot: {
        Type: 'Custom::TelegramBot',
        DependsOn: 'Policy',
        Properties: {
          ServiceToken: { 'Fn::GetAtt': ['Function', 'Arn'] },
          TokenSecret: 'bot-token',
        },
      },
    },
  };
  const assetDirectory = (hash: string) => join(code, hash);
  return { name: 'Stack', template: parseTemplate(template), assetDirectory };
}

it('gives up a destroy that hangs, and the sandbox closes in spite of it', async () => {
  const sandbox = await Sandbox.start();
  const directory = sandbox.folder('');
  const staging = new Staging(sandbox, [stackWithFunction(SOURCE)]);
  expect(await staging.deploy(new AbortController().signal)).toBe(true);
  const [created] = sandbox.aws.logs.lines();

  await expect(staging.destroy(1)).rejects.toThrow(
    /^Stack was not destroyed within 0\.001 seconds/,
  );
  await sandbox.close();

  await gone(Number(created?.split('\t').at(-1)));
  expect(existsSync(directory)).toBe(false);
});

it('prints the error of a function that cannot be loaded once, before the deploy has failed', async () => {
  const printed: string[] = [];
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    printed.push(String(text));
    return true;
  });
  const sandbox = await Sandbox.start({
    failsFast: true,
    onEvent: ({ status }) => printed.push(status),
  });
  const staging = new Staging(sandbox, [stackWithFunction("throw new TypeError('no table');")]);
  expect(await staging.deploy(new AbortController().signal)).toBe(false);
  stderr.mockRestore();
  await sandbox.close();

  const at = (text: string) => printed.findIndex((line) => line.includes(text));
  expect(printed[at('TypeError: no table') - 1]).toBe('Function cannot be loaded:\n');
  expect(at('TypeError: no table')).toBeLessThan(at('CREATE_FAILED'));
  expect(printed.filter((line) => line.includes('no table'))).toHaveLength(1);
});

it('ends the patience of what retries a function that cannot be loaded', async () => {
  const reasons: (string | undefined)[] = [];
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const sandbox = await Sandbox.start({
    failsFast: true,
    skipsWaits: ({ name }) => !name.includes('Broken'),
    onEvent: ({ reason }) => reasons.push(reason),
  });
  const stack = stackWithFunction(PATIENT_SOURCE, "throw new TypeError('no table');");
  const staging = new Staging(sandbox, [stack]);
  expect(await staging.deploy(new AbortController().signal)).toBe(false);
  stderr.mockRestore();
  await sandbox.close();
  expect(reasons).toContainEqual(expect.stringMatching(/Message returned: gave up ahead of time/));
});
