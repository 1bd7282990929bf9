import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Aws } from '../aws/aws.ts';
import { lambdaTrust, startAws } from '../aws/fixtures.ts';
import { Leniency } from '../leniency.ts';
import { LocalNetwork } from '../network/local-network.ts';
import type { StackArtifact } from './assembly.ts';
import { CloudFormation, type StackState } from './cloudformation.ts';
import { lines, stackOf } from './fakes.ts';
import { parseTemplate } from './template.ts';

let network: LocalNetwork;
let aws: Aws;
let cloudFormation: CloudFormation;
let notes: string[];

beforeAll(async () => {
  network = await LocalNetwork.open();
  const leniency = new Leniency((text) => notes.push(text));
  aws = await startAws(network, mkdtempSync(join(tmpdir(), 'aws-')), { leniency });
});

afterAll(async () => {
  await aws.close();
  await network.close();
});

beforeEach(() => {
  notes = [];
  const leniency = new Leniency((text) => notes.push(text));
  cloudFormation = new CloudFormation({ aws, leniency });
});

afterEach(async () => {
  for (const name of ['Other', 'Stack']) await cloudFormation.destroy(name);
});

const fifo = { FifoQueue: true };
const resource = (Type: string, Properties = {}, path?: string) => ({
  Type,
  Properties,
  ...(path && { Metadata: { 'aws:cdk:path': path } }),
});
const ref = (Ref: string) => ({ Value: { Ref } });
const att = (id: string, name: string) => ({ Value: { 'Fn::GetAtt': [id, name] } });

function deploy(
  resources: Record<string, unknown>,
  Outputs: Record<string, unknown> = {},
  changes: Partial<StackArtifact> = {},
): Promise<StackState> {
  return cloudFormation.deploy({ ...stackOf(resources, { Outputs }), ...changes });
}

describe('a resource of an unknown type', () => {
  const TYPE = 'AWS::StepFunctions::StateMachine';
  const machine = resource(TYPE, { RoleArn: 'x' }, 'Stack/Jobs/Flow/Resource');

  it('exists in name only, which is noted once by the path of its construct', async () => {
    await deploy({ T: machine });
    const renamed = resource(TYPE, { RoleArn: 'y' }, 'Stack/Jobs/Flow/Resource');
    const { status } = await deploy({ T: renamed });
    expect(status).toBe('UPDATE_COMPLETE');
    expect(notes).toEqual([`Jobs/Flow: ${TYPE} is not emulated here; it exists in name only`]);
  });

  it('is noted in one line with the others of its type, and in another one if it is added later', async () => {
    const all = Object.fromEntries(['A', 'B', 'C'].map((id) => [id, resource(TYPE)]));
    await deploy({ ...all, Bucket: resource('AWS::S3::Bucket') });
    await deploy({ ...all, D: resource(TYPE) });
    expect(notes).toEqual([
      `A and 2 more: ${TYPE} is not emulated here; they exist in name only`,
      'Bucket: AWS::S3::Bucket is not emulated here; it exists in name only',
      `D: ${TYPE} is not emulated here; it exists in name only`,
    ]);
  });

  it('keeps its id and its attributes until it is deleted', async () => {
    const outputs = { Id: ref('T'), Name: att('T', 'Name') };
    const before = await deploy({ T: machine }, outputs);
    const after = await deploy({ T: resource(TYPE) }, outputs);
    expect(before.outputs.Id).toMatch(
      /^arn:aws:states:us-east-1:123456789012:stateMachine:Stack-T-\w{12}$/,
    );
    expect(before.outputs.Id).toContain(before.outputs.Name);
    expect(after.outputs).toEqual(before.outputs);
    await deploy({ Other: resource(TYPE) });
    expect(lines(cloudFormation.events)).toContain('T DELETE_COMPLETE');
  });

  it('disappears when the stack cannot be created', async () => {
    const bad = resource('AWS::SQS::Queue', { ...fifo, QueueName: 'no-suffix' });
    const { status, resources } = await deploy({ T: machine, Bad: { ...bad, DependsOn: 'T' } });
    expect([status, resources.size]).toEqual(['ROLLBACK_COMPLETE', 0]);
  });

  it.each(['Custom::S3AutoDeleteObjects', 'Custom::LogRetention', 'Custom::AWS'])(
    'may be a custom resource of the CDK: %s',
    async (type) => {
      const custom = resource(type, { ServiceToken: 'arn:aws:lambda:us-east-1:1:function:x' });
      expect((await deploy({ C: custom })).status).toBe('CREATE_COMPLETE');
      expect(notes).toEqual([`C: ${type} is not emulated here; it exists in name only`]);
    },
  );
});

describe('a resource of a known type', () => {
  it('works without the properties that have no effect here, which are noted', async () => {
    const queue = resource('AWS::SQS::Queue', { ...fifo, DelaySeconds: 5, Tags: [] }, 'Stack/Q');
    const { outputs } = await deploy({ Q: queue }, { Url: ref('Q') });
    expect(aws.sqs.has(String(outputs.Url))).toBe(true);
    expect(notes).toEqual(['Q: DelaySeconds has no effect here']);
  });

  it('works without them in an object and in both branches of a condition', async () => {
    const settings = (extra: string) => ({ ThrottlingBurstLimit: 1, [extra]: true });
    const stage = resource('AWS::ApiGatewayV2::Stage', {
      ApiId: { Ref: 'Api' },
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { 'Fn::If': ['Yes', settings('One'), settings('Two')] },
    });
    const Api = resource('AWS::ApiGatewayV2::Api', { Name: 'x', ProtocolType: 'HTTP' });
    const template = { Conditions: { Yes: { 'Fn::Equals': ['a', 'a'] } } };
    const { status } = await cloudFormation.deploy(stackOf({ Api, Stage: stage }, template));
    expect(status).toBe('CREATE_COMPLETE');
    expect(notes).toEqual(['Stage: One and Two have no effect here']);
  });

  it('exists in name only with settings that are not emulated', async () => {
    const { outputs } = await deploy(
      { Jobs: resource('AWS::SQS::Queue') },
      { Arn: att('Jobs', 'Arn') },
    );
    expect(outputs.Arn).toMatch(/^arn:aws:sqs:us-east-1:123456789012:Stack-Jobs-\w{12}$/);
    expect(notes).toEqual([
      'Jobs: only FIFO queues are emulated here; this AWS::SQS::Queue exists in name only',
    ]);
  });

  it('exists in name only when only its service finds out that it is not emulated', async () => {
    const Api = resource('AWS::ApiGatewayV2::Api', { Name: 'x', ProtocolType: 'HTTP' });
    const Stage = resource('AWS::ApiGatewayV2::Stage', {
      ApiId: { Ref: 'Api' },
      StageName: 'test',
      AutoDeploy: true,
    });
    expect((await deploy({ Api, Stage })).status).toBe('CREATE_COMPLETE');
    expect(notes).toEqual([
      'Stage: this AWS::ApiGatewayV2::Stage is not emulated here, it exists in name only: ' +
        'The sandbox supports only the stage $default, got test',
    ]);
  });

  it('exists in name only when it needs something that does', async () => {
    const Jobs = resource('AWS::SQS::Queue');
    const Mapping = resource('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: { 'Fn::GetAtt': ['Jobs', 'Arn'] },
      FunctionName: 'any',
    });
    expect((await deploy({ Jobs, Mapping })).status).toBe('CREATE_COMPLETE');
    expect(notes[1]).toBe(
      'Mapping: this AWS::Lambda::EventSourceMapping is not emulated here, it exists in name only: ' +
        'it needs something that exists in name only',
    );
    const Custom = resource('Custom::Thing', { ServiceToken: { 'Fn::GetAtt': ['Jobs', 'Arn'] } });
    expect((await deploy({ Jobs, Custom })).status).toBe('UPDATE_COMPLETE');
    const Broken = resource('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: 'arn:aws:sqs:us-east-1:123456789012:other.fifo',
      FunctionName: 'any',
    });
    expect((await deploy({ Jobs, Broken })).status).toBe('UPDATE_ROLLBACK_COMPLETE');
  });

  it('becomes real, and is in name only again, when its settings change', async () => {
    const outputs = { Id: ref('Q') };
    await deploy({ Q: resource('AWS::SQS::Queue') }, outputs);
    const real = await deploy({ Q: resource('AWS::SQS::Queue', fifo) }, outputs);
    expect(aws.sqs.has(String(real.outputs.Id))).toBe(true);
    await deploy({ Q: resource('AWS::SQS::Queue') }, outputs);
    expect(aws.sqs.has(String(real.outputs.Id))).toBe(false);
  });

  it('still fails for a mistake', async () => {
    const Q = resource('AWS::SQS::Queue', { ...fifo, QueueName: 'no-suffix' });
    const Bucket = resource('AWS::S3::Bucket');
    const Tags = [{ Key: 'bucket', Value: { Ref: 'Bucket' } }];
    Object.assign(Q.Properties, { Tags });
    const { status, reason } = await deploy({ Bucket, Q });
    expect([status, reason]).toEqual([
      'ROLLBACK_COMPLETE',
      expect.stringContaining('must end with .fifo'),
    ]);
  });
});

describe('a stack with an environment', () => {
  const location = { account: '111122223333', region: 'eu-central-1' };

  it('has it in its pseudo parameters and ids, beside a stack of the same names', async () => {
    const resources = {
      Role: resource('AWS::IAM::Role', {
        RoleName: 'same',
        AssumeRolePolicyDocument: lambdaTrust,
        Policies: [{ PolicyName: 'p', PolicyDocument: { Statement: [] } }],
      }),
      Logs: resource('AWS::Logs::LogGroup', { LogGroupName: 'same' }),
      Queue: resource('AWS::SQS::Queue', { ...fifo, QueueName: 'same.fifo' }),
      Secret: resource('AWS::SecretsManager::Secret', { Name: 'same', SecretString: 'x' }),
      Api: resource('AWS::ApiGatewayV2::Api', { Name: 'same', ProtocolType: 'HTTP' }),
    };
    const outputs = {
      Place: { Value: { 'Fn::Sub': `\${AWS::AccountId} \${AWS::Region}` } },
      Role: att('Role', 'Arn'),
      Logs: att('Logs', 'Arn'),
      Queue: ref('Queue'),
      Secret: ref('Secret'),
      Api: att('Api', 'ApiEndpoint'),
    };
    const here = await deploy(resources, outputs);
    const there = await cloudFormation.deploy({
      ...stackOf(resources, { Outputs: outputs }, 'Other'),
      location,
    });
    expect([here.status, there.status]).toEqual(['CREATE_COMPLETE', 'CREATE_COMPLETE']);
    expect(there.outputs).toEqual({
      Place: '111122223333 eu-central-1',
      Role: 'arn:aws:iam::111122223333:role/same',
      Logs: 'arn:aws:logs:eu-central-1:111122223333:log-group:same:*',
      Queue: 'https://sqs.eu-central-1.amazonaws.com/111122223333/same.fifo',
      Secret: expect.stringMatching(
        /^arn:aws:secretsmanager:eu-central-1:111122223333:secret:same-/,
      ),
      Api: expect.stringMatching(/^https:\/\/\w+\.execute-api\.eu-central-1\.amazonaws\.com$/),
    });
    expect((await cloudFormation.destroy('Other')).status).toBe('DELETE_COMPLETE');
    expect(aws.logs.has('same')).toBe(true);
    expect(aws.sqs.has(String(here.outputs.Queue))).toBe(true);
  });

  it('cannot have the name of a stack elsewhere', async () => {
    const resources = { L: resource('AWS::Logs::LogGroup') };
    await deploy(resources);
    await expect(deploy(resources, {}, { location })).rejects.toThrow(
      'Two stacks are named Stack, in 123456789012/us-east-1 and 111122223333/eu-central-1',
    );
  });

  it('shares no exports with stacks elsewhere', async () => {
    const exported = { Name: { Value: 'x', Export: { Name: 'same' } } };
    await deploy({ L: resource('AWS::Logs::LogGroup') }, exported);
    const other = stackOf({ L: resource('AWS::Logs::LogGroup') }, { Outputs: exported }, 'Other');
    expect((await cloudFormation.deploy({ ...other, location })).status).toBe('CREATE_COMPLETE');
  });
});

describe('a value from elsewhere', () => {
  const parameter = (Value: unknown) => resource('AWS::SSM::Parameter', { Type: 'String', Value });
  const shown = (state: StackState) => state.outputs.Value;
  const show = { Value: att('P', 'Value') };

  it('may be an output of another stack', async () => {
    await deploy({ L: resource('AWS::Logs::LogGroup') }, { Host: { Value: 'example' } });
    const weak = (OutputName: string) => ({
      'Fn::GetStackOutput': { StackName: 'Stack', OutputName, Region: { Ref: 'AWS::Region' } },
    });
    const consumer = (name: string) =>
      cloudFormation.deploy(stackOf({ P: parameter(weak(name)) }, { Outputs: show }, 'Other'));
    expect(shown(await consumer('Host'))).toBe('example');
    expect((await consumer('Port')).reason).toBe('The stack Stack has no output Port');
  });

  it('may be an SSM parameter, made up if there is none', async () => {
    const named = {
      ...parameter('blue'),
      Properties: { Type: 'String', Value: 'blue', Name: '/c' },
    };
    await deploy({ Colour: named });
    const typed = (Default: string) => ({ Type: 'AWS::SSM::Parameter::Value<String>', Default });
    const sections = {
      Parameters: { One: typed('/c'), Two: typed('/unknown') },
      Outputs: show,
    };
    const joined = { 'Fn::Sub': `\${One} \${Two} {{resolve:ssm:/c:1}}` };
    const state = await cloudFormation.deploy(stackOf({ P: parameter(joined) }, sections, 'Other'));
    expect(shown(state)).toBe('blue dummy-value-for-/unknown blue');
    expect(notes).toEqual([
      'The SSM parameter /unknown has no value here: the template reads dummy-value-for-/unknown',
    ]);
  });

  it('may be the value of a secret, or one field of it', async () => {
    aws.secrets.put('db', '{"user":"ada"}');
    const dynamic = '{{resolve:secretsmanager:db:SecretString:user::}}';
    expect(shown(await deploy({ P: parameter(dynamic) }, show))).toBe('ada');
  });

  it('follows the value of its parameter', async () => {
    await deploy({ P: parameter('one') }, show);
    expect(shown(await deploy({ P: parameter('two') }, show))).toBe('two');
  });
});

it('ignores what is around the resources of a template', async () => {
  const { Resources, Parameters } = parseTemplate(
    {
      Transform: 'AWS::Serverless-2016-10-31',
      Hooks: {},
      Parameters: { P: { Type: 'String', Default: 'a', AllowedValues: ['a'] } },
      Resources: {
        R: { Type: 'X', DeletionPolicy: 'Snapshot', UpdatePolicy: {}, CreationPolicy: {} },
      },
    },
    'lenient',
  );
  expect(Resources.R).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
  expect(Parameters).toEqual({ P: { Type: 'String', Default: 'a' } });
  expect(parseTemplate({ Outputs: {} }, 'lenient').Resources).toEqual({});
});

it('lets managed policies of the account grant, as long as they are attached', async () => {
  const Role = resource('AWS::IAM::Role', {
    RoleName: 'reader',
    AssumeRolePolicyDocument: lambdaTrust,
  });
  const policy = (Action: string, Roles: unknown[]) =>
    resource('AWS::IAM::ManagedPolicy', {
      PolicyDocument: { Statement: [{ Effect: 'Allow', Action, Resource: '*' }] },
      Roles,
    });
  const may = (action: string) =>
    aws.iam.allows('arn:aws:iam::123456789012:role/reader', action, 'any');
  await deploy({ Role, Policy: policy('sqs:SendMessage', [{ Ref: 'Role' }]) });
  expect([may('sqs:SendMessage'), may('s3:GetObject')]).toEqual([true, false]);
  await deploy({ Role, Policy: policy('s3:GetObject', [{ Ref: 'Role' }]) });
  expect([may('sqs:SendMessage'), may('s3:GetObject')]).toEqual([false, true]);
  await deploy({ Role, Policy: policy('s3:GetObject', []) });
  expect(may('s3:GetObject')).toBe(false);
});
