import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Aws } from '../../aws/aws.ts';
import { startAws } from '../../aws/fixtures.ts';
import { LocalNetwork } from '../../network/local-network.ts';
import { CloudFormation, type StackState } from '../cloudformation.ts';
import { lines, stackOf } from '../fakes.ts';

let network: LocalNetwork;
let aws: Aws;
let cloudFormation: CloudFormation;

beforeAll(async () => {
  network = await LocalNetwork.open();
  aws = await startAws(network, mkdtempSync(join(tmpdir(), 'aws-')));
});

afterAll(async () => {
  await aws.close();
  await network.close();
});

beforeEach(() => {
  cloudFormation = new CloudFormation({ aws });
});

const role = (properties: Record<string, unknown> = {}) => ({
  Type: 'AWS::IAM::Role',
  Properties: { AssumeRolePolicyDocument: trust('lambda.amazonaws.com'), ...properties },
});

const trust = (Service: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service } }],
});

const allow = (Action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});

function deploy(resources: Record<string, unknown>): Promise<StackState> {
  return cloudFormation.deploy(stackOf(resources));
}

function id(state: StackState, logicalId: string): string {
  return state.resources.get(logicalId)?.physicalId as string;
}

function may(roleName: string, action: string): boolean {
  return aws.iam.allows(`arn:aws:iam::123456789012:role/${roleName}`, action, '*');
}

describe('roles and policies', () => {
  it('grants, changes and moves permissions', async () => {
    const resources = (owner: string, action: string) => ({
      One: role(),
      Two: role(),
      Policy: {
        Type: 'AWS::IAM::Policy',
        Properties: { PolicyName: 'p', PolicyDocument: allow(action), Roles: [{ Ref: owner }] },
      },
    });
    const state = await deploy(resources('One', 'logs:PutLogEvents'));
    const [one, two] = [id(state, 'One'), id(state, 'Two')];
    expect(may(one, 'logs:PutLogEvents')).toBe(true);

    await deploy(resources('One', 'logs:CreateLogStream'));
    expect(may(one, 'logs:PutLogEvents')).toBe(false);
    expect(may(one, 'logs:CreateLogStream')).toBe(true);

    await deploy(resources('Two', 'logs:CreateLogStream'));
    expect(may(one, 'logs:CreateLogStream')).toBe(false);
    expect(may(two, 'logs:CreateLogStream')).toBe(true);

    expect((await cloudFormation.destroy('Stack')).status).toBe('DELETE_COMPLETE');
    expect(may(two, 'logs:CreateLogStream')).toBe(false);
  });

  it('creates, changes and deletes the inline policies of a role', async () => {
    const resources = (action: string) => ({
      Role: role({ Policies: [{ PolicyName: 'p', PolicyDocument: allow(action) }] }),
    });
    const state = await deploy(resources('logs:PutLogEvents'));
    await deploy(resources('logs:CreateLogStream'));
    expect(may(id(state, 'Role'), 'logs:PutLogEvents')).toBe(false);
    expect(may(id(state, 'Role'), 'logs:CreateLogStream')).toBe(true);
    expect((await cloudFormation.destroy('Stack')).status).toBe('DELETE_COMPLETE');
  });

  it('rejects a change to the trust policy of a role and rolls back', async () => {
    await deploy({ Role: role() });
    const state = await deploy({
      Role: role({ AssumeRolePolicyDocument: trust('apigateway.amazonaws.com') }),
    });
    expect(state).toMatchObject({
      status: 'UPDATE_ROLLBACK_COMPLETE',
      reason: "Role: updating a role's AssumeRolePolicyDocument is not supported by the sandbox",
    });
    await cloudFormation.destroy('Stack');
  });
});

describe('log groups', () => {
  it('replaces a log group when its name changes', async () => {
    const named = (LogGroupName: string) => ({
      Group: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName } },
    });
    await deploy(named('one'));
    const state = await deploy(named('two'));
    expect(state.status).toBe('UPDATE_COMPLETE');
    expect(id(state, 'Group')).toBe('two');
    expect(lines(cloudFormation.events).slice(-6)).toEqual([
      'Group UPDATE_IN_PROGRESS',
      'Group UPDATE_COMPLETE',
      'Stack UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'Group DELETE_IN_PROGRESS',
      'Group DELETE_COMPLETE',
      'Stack UPDATE_COMPLETE',
    ]);
    expect([aws.logs.has('one'), aws.logs.has('two')]).toEqual([false, true]);
    await cloudFormation.destroy('Stack');
  });
});

describe('failed replacements', () => {
  it('deletes the new resource and keeps the one it should have replaced', async () => {
    const group = (LogGroupName: string) => ({
      Group: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName } },
    });
    let isFaulty = false;
    cloudFormation = new CloudFormation({
      aws,
      intercept: ({ kind }) =>
        isFaulty && kind === 'create' ? { failAfter: 'not stable' } : undefined,
    });
    await deploy(group('one'));
    isFaulty = true;
    const state = await deploy(group('two'));
    expect(state).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE', reason: 'not stable' });
    expect([aws.logs.has('one'), aws.logs.has('two')]).toEqual([true, false]);
    await cloudFormation.destroy('Stack');
  });
});

describe('secrets', () => {
  const secret = (properties: Record<string, unknown>) => ({
    Secret: {
      Type: 'AWS::SecretsManager::Secret',
      Properties: { Name: 'kit/secret', ...properties },
    },
  });

  it('keeps the ARN of a secret when its value changes', async () => {
    const before = await deploy(secret({ SecretString: 'one' }));
    const after = await deploy(secret({ SecretString: 'two' }));
    expect(id(after, 'Secret')).toBe(id(before, 'Secret'));
    expect((await cloudFormation.destroy('Stack')).status).toBe('DELETE_COMPLETE');
  });

  it('rejects a secret with two values', async () => {
    const state = await deploy(secret({ SecretString: 'one', GenerateSecretString: {} }));
    expect(state.reason).toBe('A secret needs either SecretString or GenerateSecretString');
  });
});

describe('keys', () => {
  const account = {
    AWS: { 'Fn::Join': ['', ['arn:aws:iam::', { Ref: 'AWS::AccountId' }, ':root']] },
  };
  const keyAndSecret = (Action: string) => ({
    Key: {
      Type: 'AWS::KMS::Key',
      Properties: {
        KeyPolicy: { Statement: [{ Effect: 'Allow', Action, Resource: '*', Principal: account }] },
      },
    },
    Secret: {
      Type: 'AWS::SecretsManager::Secret',
      Properties: { SecretString: 'one', KmsKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] } },
    },
  });
  const decrypts = (keyId: string) => {
    const { accessKeyId, sessionToken } = aws.iam.administrator();
    const caller = aws.iam.caller(accessKeyId, sessionToken);
    const arn = `arn:aws:kms:us-east-1:123456789012:key/${keyId}`;
    return caller && aws.kms.decrypts(arn, caller, 'secretsmanager.us-east-1.amazonaws.com');
  };

  it('creates a key, changes its policy and deletes it', async () => {
    const state = await deploy(keyAndSecret('kms:*'));
    expect(state.status).toBe('CREATE_COMPLETE');
    const key = id(state, 'Key');
    expect(decrypts(key)).toBe(true);

    const changed = await deploy(keyAndSecret('kms:Encrypt'));
    expect(id(changed, 'Key')).toBe(key);
    expect(decrypts(key)).toBe(false);

    await deploy(keyAndSecret('kms:Decrypt'));
    expect(decrypts(key)).toBe(true);
    expect((await cloudFormation.destroy('Stack')).status).toBe('DELETE_COMPLETE');
    expect(decrypts(key)).toBe(false);
  });

  it('rejects another key for a secret', async () => {
    const { Key, Secret } = keyAndSecret('kms:*');
    await deploy({ Key, Secret, Other: Key });
    const moved = { ...Secret.Properties, KmsKeyId: { 'Fn::GetAtt': ['Other', 'Arn'] } };
    const state = await deploy({ Key, Other: Key, Secret: { ...Secret, Properties: moved } });
    expect(state.reason).toContain("updating a secret's KmsKeyId is not supported");
    await cloudFormation.destroy('Stack');
  });
});

describe('deletion', () => {
  it('succeeds for resources that were already deleted outside the stack', async () => {
    const state = await deploy({ Group: { Type: 'AWS::Logs::LogGroup' }, Role: role() });
    aws.logs.deleteGroup(id(state, 'Group'));
    aws.iam.deleteRole(id(state, 'Role'));
    expect((await cloudFormation.destroy('Stack')).status).toBe('DELETE_COMPLETE');
  });
});

describe('queues', () => {
  const fifo = (properties: Record<string, unknown> = {}) => ({
    Type: 'AWS::SQS::Queue',
    Properties: { FifoQueue: true, ...properties },
  });
  const arnOfDead = { 'Fn::GetAtt': ['Dead', 'Arn'] };
  const tlsOnly = (over: Record<string, unknown> = {}, Queues: unknown[] = [{ Ref: 'Dead' }]) => ({
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues,
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Deny',
            Action: 'sqs:*',
            Principal: { AWS: '*' },
            Resource: arnOfDead,
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            ...over,
          },
        ],
      },
    },
  });

  it('creates queues with a dead-letter queue and a policy that denies requests without TLS', async () => {
    const redrive = { deadLetterTargetArn: arnOfDead, maxReceiveCount: 5 };
    const state = await deploy({
      Dead: fifo(),
      Updates: fifo({ RedrivePolicy: redrive }),
      Policy: tlsOnly(),
    });
    expect(state.reason).toBeUndefined();
    expect((await cloudFormation.destroy(state.name)).status).toBe('DELETE_COMPLETE');
  });

  it.each<[string, Record<string, unknown>]>([
    [
      'deadLetterTargetArn must be an ARN',
      {
        Updates: fifo({
          RedrivePolicy: { deadLetterTargetArn: { Ref: 'Dead' }, maxReceiveCount: 5 },
        }),
      },
    ],
    ['VisibilityTimeout', { Updates: fifo({ VisibilityTimeout: 50_000 }) }],
    ['Queues must be URLs', { Policy: tlsOnly({}, [arnOfDead]) }],
    ['the denial of all requests without TLS', { Policy: tlsOnly({ Effect: 'Allow' }) }],
    ['the denial of all requests without TLS', { Policy: tlsOnly({ Action: 'sqs:SendMessage' }) }],
    ['the denial of all requests without TLS', { Policy: tlsOnly({ Principal: undefined }) }],
    [
      'the denial of all requests without TLS',
      { Policy: tlsOnly({ Resource: 'arn:aws:sqs:us-east-1:123456789012:Other.fifo' }) },
    ],
  ])('rejects a queue or its policy and reports: %s', async (reason, resources) => {
    const state = await deploy({ Dead: fifo(), ...resources });
    expect(state.reason).toContain(reason);
    await cloudFormation.destroy(state.name);
  });
});
