import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
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

function stackWithHangingFunction() {
  const code = mkdtempSync(join(tmpdir(), 'code-'));
  writeFileSync(join(code, 'index.mjs'), SOURCE);
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
        Properties: {
          Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Timeout: 900,
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
  return { name: 'Hanging', template: parseTemplate(template), assetDirectory: () => code };
}

it('gives up a destroy that hangs, and the sandbox closes in spite of it', async () => {
  const sandbox = await Sandbox.start();
  const directory = sandbox.folder('');
  const staging = new Staging(sandbox, [stackWithHangingFunction()]);
  expect(await staging.deploy(new AbortController().signal)).toBe(true);
  const [created] = sandbox.aws.logs.lines();

  await expect(staging.destroy(1)).rejects.toThrow(
    /^Hanging was not destroyed within 0\.001 seconds/,
  );
  await sandbox.close();

  await gone(Number(created?.split('\t').at(-1)));
  expect(existsSync(directory)).toBe(false);
});
