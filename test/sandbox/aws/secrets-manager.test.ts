import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allow, TestAws } from './fixtures.ts';

let test: TestAws;
let arn: string;
let anyReader: string;
let oneReader: string;

beforeAll(async () => {
  test = await TestAws.start();
  arn = test.aws.secrets.put('bot/token', 'the value').arn;
  anyReader = test.createRole('any', allow('secretsmanager:GetSecretValue', '*'));
  const partial = arn.slice(0, -7);
  oneReader = test.createRole('one', allow('secretsmanager:GetSecretValue', `${partial}-??????`));
});

afterAll(() => test.close());

async function call(
  role: string,
  body: object,
  operation = 'GetSecretValue',
  region = 'us-east-1',
) {
  const url = new URL(`https://secretsmanager.${region}.amazonaws.com/`);
  const answer = await test.network.request(url, {
    method: 'POST',
    headers: {
      ...test.sign(role, 'secretsmanager', region),
      'x-amz-target': `secretsmanager.${operation}`,
    },
    body: JSON.stringify(body),
  });
  return { status: answer.status, ...JSON.parse(answer.body.toString()) };
}

describe('a secret', () => {
  it('has an ARN with a random suffix, and keeps it when its value changes', async () => {
    expect(arn).toMatch(
      /^arn:aws:secretsmanager:us-east-1:123456789012:secret:bot\/token-[A-Za-z0-9]{6}$/,
    );
    const first = test.aws.secrets.put('changing', 'one');
    expect(test.aws.secrets.put('changing', 'two')).toEqual(first);
    expect(await call(anyReader, { SecretId: 'changing' })).toMatchObject({ SecretString: 'two' });
  });

  it('is found by name, by ARN, and by ARN without its suffix', async () => {
    for (const id of ['bot/token', arn, arn.slice(0, -7)]) {
      expect(await call(oneReader, { SecretId: id })).toMatchObject({
        status: 200,
        ARN: arn,
        Name: 'bot/token',
        SecretString: 'the value',
      });
    }
  });

  it('is not found after it has been deleted', async () => {
    test.aws.secrets.put('gone', 'x');
    test.aws.secrets.delete('gone');
    expect(await call(anyReader, { SecretId: 'gone' })).toMatchObject({
      status: 400,
      __type: 'ResourceNotFoundException',
      Message: "Secrets Manager can't find the specified secret.",
    });
  });
});

describe('a secret in another region', () => {
  it('is found only there', async () => {
    const { arn } = test.aws.secrets.put('elsewhere', 'far', { region: 'eu-west-1' });
    expect(arn).toContain(':secretsmanager:eu-west-1:123456789012:secret:elsewhere-');
    const found = await call(anyReader, { SecretId: arn }, 'GetSecretValue', 'eu-west-1');
    expect(found).toMatchObject({ status: 200, SecretString: 'far' });
    for (const SecretId of [arn, 'elsewhere']) {
      expect(await call(anyReader, { SecretId })).toMatchObject({
        __type: 'ResourceNotFoundException',
      });
    }
  });

  it('is refused in a region that the sandbox does not have', () => {
    const put = () => test.aws.secrets.put('elsewhere', 'far', { region: 'eu-west-2' });
    expect(put).toThrow('secrets only in us-east-1, eu-west-1, not in eu-west-2');
  });

  it('has a name and a value of its own', async () => {
    test.aws.secrets.put('twice', 'near');
    test.aws.secrets.put('twice', 'far', { region: 'eu-west-1' });
    expect(await call(anyReader, { SecretId: 'twice' })).toMatchObject({ SecretString: 'near' });
    test.aws.secrets.delete('twice', 'eu-west-1');
    expect(await call(anyReader, { SecretId: 'twice' })).toMatchObject({ status: 200 });
  });
});

describe('a secret with a key of its own', () => {
  const service = 'secretsmanager.us-east-1.amazonaws.com';
  const forAccount = (Action: string) => ({
    Statement: {
      Effect: 'Allow',
      Action,
      Resource: '*',
      Principal: { AWS: 'arn:aws:iam::123456789012:root' },
    },
  });
  const decrypting = (keyArn: string, via: string) => ({
    Statement: [
      { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: '*' },
      {
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: keyArn,
        Condition: { StringEquals: { 'kms:ViaService': via } },
      },
    ],
  });

  it.each([
    ['the role and the key allow it', 'kms:*', service, 200],
    ['the key does not let the account in', 'kms:Encrypt', service, 400],
    ['the role may only do so through another region', 'kms:*', service.replace('us', 'eu'), 400],
  ])('is decrypted or not: %s', async (name, action, via, status) => {
    const { arn: keyArn } = test.aws.kms.createKey(forAccount(action));
    test.aws.secrets.put('own-key', 'deep', { keyArn });
    const role = test.createRole(name, decrypting(keyArn, via));
    const answer = await call(role, { SecretId: 'own-key' });
    expect(answer.status).toBe(status);
    if (status !== 200) {
      expect(answer).toMatchObject({
        __type: 'AccessDeniedException',
        Message: 'Access to KMS is not allowed',
      });
    }
  });

  it('is not decrypted without a right to the key, or after the key was deleted', async () => {
    const { arn: keyArn } = test.aws.kms.createKey(forAccount('kms:*'));
    test.aws.secrets.put('own-key', 'deep', { keyArn });
    expect(await call(anyReader, { SecretId: 'own-key' })).toMatchObject({ status: 400 });
    const role = test.createRole('late', decrypting(keyArn, service));
    test.aws.kms.deleteKey(keyArn);
    expect(await call(role, { SecretId: 'own-key' })).toMatchObject({ status: 400 });
  });

  it('cannot have a key with a policy for a principal other than the account', () => {
    const policy = {
      Statement: { ...forAccount('kms:*').Statement, Principal: { AWS: '*' } },
    };
    expect(() => test.aws.kms.createKey(policy)).toThrow('the account as that of keys');
  });
});

describe('a caller', () => {
  it('is denied without permission, by an error that names caller, action and resource', async () => {
    const stranger = test.createRole('stranger');
    expect(await call(stranger, { SecretId: 'bot/token' })).toMatchObject({
      status: 400,
      __type: 'AccessDeniedException',
      Message:
        'User: arn:aws:sts::123456789012:assumed-role/stranger/test is not authorized to perform: ' +
        `secretsmanager:GetSecretValue on resource: ${arn} because no identity-based policy allows ` +
        'the secretsmanager:GetSecretValue action',
    });
  });

  it('is denied, and not told that a secret does not exist, when it may read only another one', async () => {
    expect(await call(oneReader, { SecretId: 'bot/other' })).toMatchObject({
      __type: 'AccessDeniedException',
      Message: expect.stringContaining('on resource: bot/other because'),
    });
  });

  it('is refused with missing or unknown credentials, and with those for another service', async () => {
    const url = new URL('https://secretsmanager.us-east-1.amazonaws.com/');
    const types = [];
    for (const headers of [
      {},
      test.sign(anyReader, 'lambda'),
      { ...test.sign(anyReader, 'secretsmanager'), 'x-amz-security-token': 'another' },
    ]) {
      const answer = await test.network.request(url, { method: 'POST', headers, body: '{}' });
      types.push(JSON.parse(answer.body.toString()).__type);
    }
    expect(types).toEqual([
      'MissingAuthenticationTokenException',
      'InvalidSignatureException',
      'UnrecognizedClientException',
    ]);
  });

  it('gets an error for operations and parameters that the sandbox does not support', async () => {
    expect(await call(anyReader, {}, 'DeleteSecret')).toMatchObject({
      __type: 'UnknownOperationException',
    });
    expect(await call(anyReader, { SecretId: 'bot/token', VersionId: 'x' })).toMatchObject({
      __type: 'InvalidParameterException',
    });
  });
});

it('returns an injected fault in place of AWS’s answer, for as long as there is one', async () => {
  const seen: unknown[] = [];
  test.aws.secrets.intercept = (request) => {
    seen.push(request);
    return seen.length === 1
      ? { status: 500, body: { __type: 'InternalServiceError' } }
      : undefined;
  };
  const answers = [
    await call(anyReader, { SecretId: 'bot/token' }),
    await call(anyReader, { SecretId: 'bot/token' }),
  ];
  test.aws.secrets.intercept = undefined;

  expect(answers.map(({ status }) => status)).toEqual([500, 200]);
  expect(seen[0]).toEqual({
    target: 'secretsmanager.GetSecretValue',
    body: { SecretId: 'bot/token' },
  });
});

describe('an operator', () => {
  const rights = ['CreateSecret', 'PutSecretValue', 'UpdateSecret', 'DescribeSecret'];
  let operator: string;

  beforeAll(() => {
    const actions = rights.map((name) => `secretsmanager:${name}`);
    operator = test.createRole('operator', allow(actions, '*'));
  });

  it('creates a secret once, describes it, and gives it another value under the same ARN', async () => {
    const token = { Name: 'own/token', Description: 'of a bot', SecretString: 'one' };
    const created = await call(operator, token, 'CreateSecret');
    expect(created).toMatchObject({
      status: 200,
      Name: 'own/token',
      VersionId: expect.any(String),
    });
    expect(await call(operator, token, 'CreateSecret')).toMatchObject({
      status: 400,
      __type: 'ResourceExistsException',
    });
    const value = async () => (await call(anyReader, { SecretId: 'own/token' })).SecretString;
    expect(await value()).toBe('one');
    for (const operation of ['PutSecretValue', 'UpdateSecret']) {
      const input = { SecretId: created.ARN, SecretString: operation };
      expect(await call(operator, input, operation)).toMatchObject({ ARN: created.ARN });
      expect(await value()).toBe(operation);
    }
    const described = await call(operator, { SecretId: 'own/token' }, 'DescribeSecret');
    expect(described).toMatchObject({ ARN: created.ARN, Description: 'of a bot' });
    expect(JSON.stringify(described)).not.toContain('UpdateSecret');
  });

  it.each([
    ['PutSecretValue', { SecretId: 'none', SecretString: 'x' }, 'ResourceNotFoundException'],
    ['DescribeSecret', { SecretId: 'none' }, 'ResourceNotFoundException'],
    ['PutSecretValue', { SecretId: 'bot/token' }, 'InvalidParameterException'],
    ['CreateSecret', { Name: 'a b', SecretString: 'x' }, 'ValidationException'],
    ['CreateSecret', { Name: 'x', SecretBinary: 'x' }, 'ValidationException'],
  ])('gets the error of %s %j: %s', async (operation, input, type) => {
    expect(await call(operator, input, operation)).toMatchObject({ status: 400, __type: type });
  });

  it.each(rights)('needs the permission %s', async (operation) => {
    const input = operation === 'CreateSecret' ? { Name: 'x' } : { SecretId: 'bot/token' };
    expect(await call(anyReader, input, operation)).toMatchObject({
      __type: 'AccessDeniedException',
      message: expect.stringContaining(`secretsmanager:${operation} on resource: arn:aws`),
    });
  });
});
