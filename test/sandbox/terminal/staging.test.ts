import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { gone } from '../aws/fixtures.ts';
import { parseTemplate } from '../cloudformation/template.ts';
import { Sandbox } from '../sandbox.ts';
import { Staging } from './staging.ts';

/** Succeeds to create the bot, and never answers when it is to be deleted. */
const SOURCE = `
  export const handler = async (event) => {
    console.log(process.pid);
    if (event.RequestType === 'Delete') await new Promise(() => setInterval(() => {}, 1000));
    const { StackId, RequestId, LogicalResourceId, ResponseURL } = event;
    const body = JSON.stringify({
      Status: 'SUCCESS', PhysicalResourceId: 'bot', StackId, RequestId, LogicalResourceId,
    });
    const request = process.getBuiltinModule('node:https').request(ResponseURL, {
      method: 'PUT', headers: { 'content-length': body.length },
    });
    await new Promise((resolve) => request.on('response', resolve).end(body));
  };`;

function stackWithFunction(source: string) {
  const code = mkdtempSync(join(tmpdir(), 'code-'));
  writeFileSync(join(code, 'index.mjs'), source);
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
      Function: {
        Type: 'AWS::Lambda::Function',
        Metadata: { 'aws:cdk:path': 'Stack/Function/Resource' },
        Properties: {
          Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Timeout: 900,
          LoggingConfig: { LogFormat: 'JSON' },
          Code: {
            S3Bucket: 'cdk-hnb659fds-assets-123456789012-us-east-1',
            S3Key: 'abc.zip',
          },
        },
      },
      Bot: {
        Type: 'Custom::TelegramBot',
        Properties: {
          ServiceToken: { 'Fn::GetAtt': ['Function', 'Arn'] },
          TokenSecret: 'bot-token',
        },
      },
    },
  };
  return { name: 'Stack', template: parseTemplate(template), assetDirectory: () => code };
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
