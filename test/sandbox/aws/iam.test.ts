import { beforeEach, describe, expect, it } from 'vitest';
import { Leniency } from '../leniency.ts';
import { allow, lambdaTrust, logsPolicy } from './fixtures.ts';
import { Iam, type PolicyDocument } from './iam.ts';

const secret = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:bot/token-AbCdEf';

let iam: Iam;
let role: string;

beforeEach(() => {
  iam = new Iam();
  role = iam.createRole({ name: 'role', trust: lambdaTrust, managedPolicyArns: [] }).arn;
});

describe('a role', () => {
  it('may do nothing without a policy', () => {
    expect(iam.allows(role, 'secretsmanager:GetSecretValue', secret)).toBe(false);
  });

  it('may do what a policy allows, on that resource only', () => {
    iam.putPolicy('role', 'read', allow(['secretsmanager:GetSecretValue'], [secret]));
    expect(iam.allows(role, 'secretsmanager:GetSecretValue', secret)).toBe(true);
    expect(iam.allows(role, 'SecretsManager:getSecretValue', secret)).toBe(true);
    expect(iam.allows(role, 'secretsmanager:DescribeSecret', secret)).toBe(false);
    expect(iam.allows(role, 'secretsmanager:GetSecretValue', `${secret}x`)).toBe(false);
    expect(iam.allows(role, 'secretsmanager:GetSecretValue', secret.toUpperCase())).toBe(false);
  });

  it.each([
    ['*', '*', true],
    ['secretsmanager:Get*', secret.replace('AbCdEf', '??????'), true],
    ['secretsmanager:*', secret.replace('AbCdEf', '?????'), false],
    ['*:GetSecretValue', 'arn:aws:secretsmanager:*:*:secret:bot.token*', false],
  ])('has access through the wildcards %s on %s: %s', (action, resource, expected) => {
    iam.putPolicy('role', 'read', allow(action, resource));
    expect(iam.allows(role, 'secretsmanager:GetSecretValue', secret)).toBe(expected);
  });

  it('may do what a condition demands only through the service in it', () => {
    const key = 'arn:aws:kms:us-east-1:123456789012:key/1';
    const service = 'secretsmanager.us-east-1.amazonaws.com';
    const Condition = { StringEquals: { 'kms:ViaService': service } };
    iam.putPolicy('role', 'decrypt', {
      Statement: { Effect: 'Allow', Action: 'kms:Decrypt', Resource: key, Condition },
    });
    expect(iam.allows(role, 'kms:Decrypt', key, { 'kms:ViaService': service })).toBe(true);
    for (const context of [undefined, { 'kms:ViaService': 's3.us-east-1.amazonaws.com' }]) {
      expect(iam.allows(role, 'kms:Decrypt', key, context)).toBe(false);
    }
  });

  it('may let Lambda do what its function may not', () => {
    const Condition = { Null: { 'lambda:SourceFunctionArn': 'true' } };
    iam.putPolicy('role', 'connect', {
      Statement: { Effect: 'Allow', Action: 'ec2:*', Resource: '*', Condition },
    });
    const code = { 'lambda:SourceFunctionArn': 'arn:aws:lambda:us-east-1:123456789012:function:f' };
    expect(iam.allows(role, 'ec2:CreateNetworkInterface', '*')).toBe(true);
    expect(iam.allows(role, 'ec2:CreateNetworkInterface', '*', code)).toBe(false);
  });

  it('may not do what a statement denies, even when another allows it', () => {
    iam.putPolicy('role', 'all', allow('*', '*'));
    iam.putPolicy('role', 'but', {
      Statement: { Effect: 'Deny', Action: 'secretsmanager:*', Resource: secret },
    });
    expect(iam.allows(role, 'secretsmanager:GetSecretValue', secret)).toBe(false);
    expect(iam.allows(role, 'logs:PutLogEvents', 'anything')).toBe(true);
  });

  it('loses its permissions when the policy or the role is deleted', () => {
    iam.putPolicy('role', 'all', allow('*', '*'));
    iam.deletePolicy('role', 'all');
    expect(iam.allows(role, 'any:Thing', 'x')).toBe(false);

    const managed = iam.createRole({
      name: 'managed',
      trust: lambdaTrust,
      managedPolicyArns: [logsPolicy],
    }).arn;
    expect(iam.allows(managed, 'logs:PutLogEvents', 'x')).toBe(true);
    iam.deleteRole('managed');
    expect(iam.allows(managed, 'logs:PutLogEvents', 'x')).toBe(false);
  });
});

describe('an unsupported policy', () => {
  it.each(['Condition', 'NotAction', 'NotResource', 'Principal'])(
    'is refused for %s in a statement',
    (element) => {
      const document = {
        Statement: [{ Effect: 'Allow', Action: '*', Resource: '*', [element]: {} }],
      } as PolicyDocument;
      expect(() => iam.putPolicy('role', 'policy', document)).toThrow(
        `does not support ${element}`,
      );
    },
  );

  it.each([
    { Bool: { 'aws:SecureTransport': 'true' } },
    { StringEquals: { 'aws:SourceAccount': '1' } },
    { StringEquals: { 'kms:ViaService': 'x' }, Bool: { 'aws:SecureTransport': 'true' } },
  ])('is refused for the condition %j', (Condition) => {
    const document = {
      Statement: [{ Effect: 'Allow', Action: '*', Resource: '*', Condition }],
    } as unknown as PolicyDocument;
    expect(() => iam.putPolicy('role', 'policy', document)).toThrow('does not support Condition');
  });

  it('is refused for a missing resource or an unknown effect', () => {
    const incomplete = { Statement: { Effect: 'Allow', Action: '*' } };
    expect(() => iam.putPolicy('role', 'policy', incomplete)).toThrow('needs Resource');
    const odd = { Statement: { Effect: 'allow', Action: '*', Resource: '*' } };
    expect(() => iam.putPolicy('role', 'policy', odd)).toThrow('Effect must be Allow or Deny');
  });

  it('is refused when it is managed by AWS, or trusts a principal other than a service', () => {
    const managedPolicyArns = ['arn:aws:iam::aws:policy/AdministratorAccess'];
    expect(() => iam.createRole({ name: 'x', trust: lambdaTrust, managedPolicyArns })).toThrow(
      'AdministratorAccess',
    );
    const trust = {
      Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: '*' } },
    } as unknown as PolicyDocument;
    expect(() => iam.createRole({ name: 'x', trust, managedPolicyArns: [] })).toThrow('principals');
  });
});

it('lets only the services in the trust policy assume a role', () => {
  expect(iam.trusts(role, 'lambda.amazonaws.com')).toBe(true);
  expect(iam.trusts(role, 'states.amazonaws.com')).toBe(false);
});

it('finds the caller by its credentials, but not with another session token', () => {
  const { accessKeyId, sessionToken } = iam.credentials(role, 'bot');
  expect(iam.caller(accessKeyId, sessionToken)).toEqual({
    roleArn: role,
    arn: 'arn:aws:sts::123456789012:assumed-role/role/bot',
  });
  expect(iam.caller(accessKeyId, 'another')).toBeUndefined();
});

it('refuses to delete a role that has policies, or to create it again, as AWS does', () => {
  iam.putPolicy('role', 'all', allow('*', '*'));
  expect(() => iam.deleteRole('role')).toThrow('must delete policies first');
  expect(() => iam.createRole({ name: 'role', trust: lambdaTrust, managedPolicyArns: [] })).toThrow(
    'already exists',
  );
  expect(() => iam.deletePolicy('role', 'other')).toThrow('cannot be found');
});

describe('a lenient IAM', () => {
  const arnOfManaged = (name: string) => `arn:aws:iam::aws:policy/${name}`;
  let notes: string[];
  let lenient: Iam;

  beforeEach(() => {
    notes = [];
    lenient = new Iam(new Leniency((text) => notes.push(text)));
  });

  function create(...managed: string[]): string {
    const managedPolicyArns = managed.map(arnOfManaged);
    return lenient.createRole({ name: 'role', trust: lambdaTrust, managedPolicyArns }).arn;
  }

  it('grants what is known of AWS’s policies, and notes the others', () => {
    const arn = create('service-role/AWSLambdaVPCAccessExecutionRole', 'AmazonPollyFullAccess');
    expect(lenient.allows(arn, 'logs:PutLogEvents', '*')).toBe(true);
    expect(lenient.allows(arn, 'polly:SynthesizeSpeech', '*')).toBe(false);
    expect(notes).toEqual([
      'The managed policy AmazonPollyFullAccess grants nothing here: its content is not known to the sandbox',
    ]);
  });

  it('grants by conditions that it does not evaluate, denies nothing by them, and notes both', () => {
    const arn = create();
    const Condition = { StringLike: { 'dynamodb:LeadingKeys': ['a*'] } };
    const statement = { Action: 'dynamodb:*', Resource: '*', Condition };
    lenient.putPolicy('role', 'allow', { Statement: { Effect: 'Allow', ...statement } });
    lenient.putPolicy('role', 'deny', { Statement: { Effect: 'Deny', ...statement } });
    expect(lenient.allows(arn, 'dynamodb:Query', 'any')).toBe(true);
    expect(notes).toEqual([expect.stringContaining('does not support Condition')]);
  });

  it('evaluates what a statement excepts', () => {
    const arn = create();
    lenient.putPolicy('role', 'most', {
      Statement: [
        { Effect: 'Allow', NotAction: 'iam:*', Resource: '*' },
        { Effect: 'Deny', Action: '*', NotResource: 'arn:mine*' },
      ],
    });
    expect(lenient.allows(arn, 'sqs:SendMessage', 'arn:mine/1')).toBe(true);
    expect(lenient.allows(arn, 'iam:GetUser', 'arn:mine/1')).toBe(false);
    expect(lenient.allows(arn, 'sqs:SendMessage', 'arn:yours')).toBe(false);
  });
});

it('tells roles of the same name in two accounts apart', () => {
  const other = iam.createRole({
    name: 'role',
    trust: lambdaTrust,
    managedPolicyArns: [],
    account: '111122223333',
  }).arn;
  iam.putPolicy(other, 'all', allow('*', '*'));
  expect(other).toBe('arn:aws:iam::111122223333:role/role');
  expect([iam.allows(other, 'a:b', '*'), iam.allows(role, 'a:b', '*')]).toEqual([true, false]);
});

it('replaces the managed policies of a role', () => {
  iam.attach('role', [logsPolicy]);
  expect(iam.allows(role, 'logs:PutLogEvents', '*')).toBe(true);
  iam.attach('role', []);
  expect(iam.allows(role, 'logs:PutLogEvents', '*')).toBe(false);
  expect(() => iam.attach('role', ['arn:aws:iam::aws:policy/Other'])).toThrow(
    'does not support the managed policy',
  );
});
