import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Leniency } from '../../leniency.ts';
import { allow, lambdaTrust, logsPolicy, TestAws } from '../fixtures.ts';

let test: TestAws;

beforeAll(async () => {
  test = await TestAws.start({ leniency: new Leniency(() => {}) });
});

afterAll(() => test.close());

describe('a function in another account and region', () => {
  const location = { account: '111122223333', region: 'eu-central-1' };

  it('has them in its ARN and its environment, and calls the services of its region', async () => {
    test.aws.openRegion('eu-central-1');
    const roleArn = test.aws.iam.createRole({
      name: 'elsewhere-role',
      account: location.account,
      trust: lambdaTrust,
      managedPolicyArns: [logsPolicy],
    }).arn;
    test.aws.iam.putPolicy(roleArn, 'invoke', allow('lambda:InvokeFunction', '*'));
    const source = `
      const { LambdaClient, InvokeCommand } = require('@aws-sdk/client-lambda');
      exports.handler = async ({ inner }) => {
        if (inner) return process.env.AWS_REGION;
        const FunctionName = process.env.AWS_LAMBDA_FUNCTION_NAME;
        const Payload = JSON.stringify({ inner: true });
        const answer = await new LambdaClient().send(new InvokeCommand({ FunctionName, Payload }));
        return answer.Payload.transformToString();
      };`;
    const { arn } = test.aws.lambda.create({
      ...test.configure('elsewhere', source, { location }, 'index.js'),
      roleArn,
    });
    expect(arn).toBe('arn:aws:lambda:eu-central-1:111122223333:function:elsewhere');
    expect((await test.aws.lambda.invoke(arn, {})).payload).toBe(String.raw`"\"eu-central-1\""`);
    expect(test.aws.lambda.has('elsewhere')).toBe(false);
  });
});
