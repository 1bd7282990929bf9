import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalNetwork } from '../network/local-network.ts';
import { allow, lambdaTrust } from './fixtures.ts';
import { Iam } from './iam.ts';
import { ParameterStore } from './parameter-store.ts';

const location = { account: '123456789012', region: 'us-east-1' };
const arn = 'arn:aws:ssm:us-east-1:123456789012:parameter/bot/colour';

let network: LocalNetwork;
let iam: Iam;
let parameters: ParameterStore;
let roles = 0;

beforeAll(async () => {
  network = await LocalNetwork.open();
  iam = new Iam();
  parameters = new ParameterStore({ network, iam });
  parameters.serveIn('us-east-1');
  parameters.put('/bot/colour', { type: 'String', value: 'blue' }, location);
});

afterAll(() => network.close());

/** Calls an operation as a function whose role has the permissions. */
async function call(
  operation: string,
  input: object,
  policy = allow('ssm:*', '*'),
): Promise<Record<string, unknown>> {
  const name = `role-${++roles}`;
  const role = iam.createRole({ name, trust: lambdaTrust, managedPolicyArns: [] });
  iam.putPolicy(name, 'policy', policy);
  const { accessKeyId, sessionToken } = iam.credentials(role.arn);
  const { body } = await network.request(new URL('https://ssm.us-east-1.amazonaws.com/'), {
    method: 'POST',
    headers: {
      'x-amz-target': `AmazonSSM.${operation}`,
      'x-amz-security-token': sessionToken,
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/us-east-1/ssm/aws4_request, Signature=0`,
    },
    body: JSON.stringify(input),
  });
  return JSON.parse(body.toString());
}

describe('a parameter', () => {
  it('is read by its name or its ARN, if the role may', async () => {
    const policy = allow('ssm:GetParameter', arn);
    for (const Name of ['/bot/colour', arn]) {
      expect(await call('GetParameter', { Name }, policy)).toMatchObject({
        Parameter: { Name: '/bot/colour', Type: 'String', Value: 'blue', ARN: arn, Version: 1 },
      });
    }
    expect(await call('GetParameter', { Name: '/bot/size' }, policy)).toMatchObject({
      __type: 'AccessDeniedException',
    });
  });

  it('is read with others, and those that do not exist are named', async () => {
    const { Parameters, InvalidParameters } = await call('GetParameters', {
      Names: ['/bot/colour', '/bot/size'],
    });
    expect(Parameters).toMatchObject([{ Value: 'blue' }]);
    expect(InvalidParameters).toEqual(['/bot/size']);
  });

  it('is not found by another name', async () => {
    const { __type } = await call('GetParameter', { Name: '/bot/size' });
    expect(__type).toBe('ParameterNotFound');
  });

  it('cannot be changed by a function here, which is said', async () => {
    const { message } = await call('PutParameter', { Name: '/bot/colour', Value: 'red' });
    expect(message).toBe(
      'PutParameter works on AWS, but not in the sandbox: its SSM has only GetParameter and GetParameters',
    );
  });
});
