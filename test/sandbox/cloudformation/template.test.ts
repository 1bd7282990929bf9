import { describe, expect, it } from 'vitest';
import { fakeCloudFormation, serviceToken, stackOf, thing } from './fakes.ts';

const role = { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {} } };

/** Templates that are rejected before anything happens, and the part of the error that names the cause. */
const rejected: [string, Record<string, unknown>, string][] = [
  ['an unknown section', { Resources: {}, Transform: 'AWS::Serverless' }, 'Transform'],
  [
    'an unknown resource type',
    { Resources: { B: { Type: 'AWS::S3::Bucket' } } },
    'B: AWS::S3::Bucket',
  ],
  [
    'an unknown resource attribute',
    { Resources: { A: thing({}, { UpdatePolicy: {} }) } },
    'UpdatePolicy',
  ],
  [
    'an unknown deletion policy',
    { Resources: { A: thing({}, { DeletionPolicy: 'Snapshot' }) } },
    'Snapshot',
  ],
  [
    'an unknown property',
    { Resources: { L: { Type: 'AWS::Logs::LogGroup', Properties: { KmsKeyId: 'k' } } } },
    'L (AWS::Logs::LogGroup).KmsKeyId is not supported by the sandbox',
  ],
  [
    'an unknown nested property, in either branch of a condition',
    {
      Conditions: { C: { 'Fn::Equals': ['a', 'b'] } },
      Resources: {
        F: {
          Type: 'AWS::Lambda::Function',
          Properties: {
            Code: { 'Fn::If': ['C', { ZipFile: 'x' }, { S3Bucket: 'b', S3Key: 'k' }] },
            Handler: 'index.handler',
            Runtime: 'nodejs24.x',
            Role: 'r',
          },
        },
      },
    },
    'F (AWS::Lambda::Function).Code.ZipFile is not supported by the sandbox',
  ],
  [
    'a missing property',
    { Resources: { R: { Type: 'AWS::IAM::Role' } } },
    'AssumeRolePolicyDocument is required',
  ],
  ['a missing service token', { Resources: { C: { Type: 'Custom::Thing' } } }, 'ServiceToken'],
  ['a ServiceTimeout over an hour', { Resources: { A: thing({ ServiceTimeout: 3601 }) } }, '3601'],
  [
    'a value of another type',
    { Resources: { L: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 'week' } } } },
    'RetentionInDays must be an integer, got "week"',
  ],
  [
    'an unknown attribute',
    { Resources: { R: role, A: thing({ x: { 'Fn::GetAtt': ['R', 'Tags'] } }) } },
    'attribute Tags of R (AWS::IAM::Role)',
  ],
  [
    'an unknown attribute in Fn::Sub',
    { Resources: { R: role, A: thing({ x: { 'Fn::Sub': `\${R.Tags}` } }) } },
    'attribute Tags of R',
  ],
  ['an unknown function', { Resources: { A: thing({ x: { 'Fn::Base64': 'x' } }) } }, 'Fn::Base64'],
  [
    'a dynamic reference',
    { Resources: { A: thing({ x: ['{{resolve:secretsmanager:x}}'] }) } },
    'dynamic reference {{resolve:secretsmanager:x}}',
  ],
  [
    'a function beside another key',
    { Resources: { A: thing({ x: { 'Fn::Join': ['', []], other: 1 } }) } },
    'Fn::Join must be the only key of its object',
  ],
  ['a reference to nothing', { Resources: { A: thing({ x: { Ref: 'B' } }) } }, '[B]'],
  ['a dependency on nothing', { Resources: { A: thing({}, { DependsOn: 'B' }) } }, '[B]'],
  [
    'a cycle',
    { Resources: { A: thing({ x: { Ref: 'B' } }), B: thing({}, { DependsOn: 'A' }) } },
    'Circular dependency between resources: [A, B]',
  ],
  ['null', { Resources: { A: thing({ x: [null] }) } }, "'null' values are not allowed"],
  [
    'an unknown parameter type',
    { Resources: {}, Parameters: { P: { Type: 'List<Number>', Default: '1' } } },
    'List<Number>',
  ],
  ['a parameter without a value', { Resources: {}, Parameters: { P: { Type: 'String' } } }, '[P]'],
  [
    'an unknown condition function',
    { Resources: { A: thing({}, { Condition: 'C' }) }, Conditions: { C: { 'Fn::Maybe': [] } } },
    'Fn::Maybe',
  ],
  [
    'a rule that does not hold',
    {
      Resources: {},
      Rules: {
        R: { Assertions: [{ Assert: { 'Fn::Equals': ['a', 'b'] }, AssertDescription: 'a is b' }] },
      },
    },
    'a is b',
  ],
];

describe('template validation', () => {
  it.each(rejected)('rejects %s', async (_, { Resources, ...sections }, words) => {
    const { cloudFormation } = fakeCloudFormation();
    const deploy = async () =>
      cloudFormation.deploy(stackOf(Resources as Record<string, unknown>, sections));
    await expect(deploy()).rejects.toThrow(words);
    expect(cloudFormation.events).toEqual([]);
    expect(cloudFormation.describe('Stack')).toBeUndefined();
  });
});

describe('functions in a template', () => {
  const resolved = async (value: unknown, sections: Record<string, unknown> = {}) => {
    const { aws, cloudFormation } = fakeCloudFormation();
    const state = await cloudFormation.deploy(stackOf({ A: thing({ value }) }, sections));
    return aws.requests[0]?.ResourceProperties.value ?? state.reason;
  };

  it.each<[string, unknown, unknown]>([
    ['Ref of a pseudo parameter', { Ref: 'AWS::Region' }, 'us-east-1'],
    ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::Partition' }, 1]] }, 'a-aws-1'],
    ['Fn::Sub', { 'Fn::Sub': `\${AWS::AccountId}/\${!Literal}` }, `123456789012/\${Literal}`],
    [
      'Fn::Sub with variables',
      { 'Fn::Sub': [`<\${x}>`, { x: { Ref: 'AWS::StackName' } }] },
      '<Stack>',
    ],
    ['Fn::Select of Fn::Split', { 'Fn::Select': ['1', { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    ['Fn::FindInMap', { 'Fn::FindInMap': ['Map', { Ref: 'AWS::Region' }, 'key'] }, 'found'],
    ['Fn::If', { 'Fn::If': ['Here', 'yes', 'no'] }, 'yes'],
    ['Ref of a parameter', { Ref: 'Text' }, 'default'],
    ['AWS::NoValue in an object', { a: { Ref: 'AWS::NoValue' }, b: 'b' }, { b: 'b' }],
    ['AWS::NoValue in a list', ['a', { 'Fn::If': ['Here', { Ref: 'AWS::NoValue' }, 'no'] }], ['a']],
  ])('resolves %s', async (_, value, expected) => {
    const sections = {
      Parameters: { Text: { Type: 'String', Default: 'default' } },
      Mappings: { Map: { 'us-east-1': { key: 'found' } } },
      Conditions: {
        Here: {
          'Fn::And': [
            { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] },
            { Condition: 'NotThere' },
          ],
        },
        NotThere: {
          'Fn::Not': [{ 'Fn::Or': [{ 'Fn::Equals': ['a', 'b'] }, { 'Fn::Equals': ['a', 'c'] }] }],
        },
      },
    };
    expect(await resolved(value, sections)).toEqual(expected);
  });

  it.each<[string, unknown, string]>([
    ['Fn::Select past the end', { 'Fn::Select': ['9', ['a']] }, 'nonexistent value at index 9'],
    ['Fn::Join of objects', { 'Fn::Join': ['', [{ a: 1 }]] }, 'Fn::Join needs strings'],
  ])('reports %s', async (_, value, words) => {
    const failure = await resolved(value).catch((error: Error) => error.message);
    expect(failure).toContain(words);
  });

  it('reads the bootstrap version from the parameter store and checks it by the rule', async () => {
    const bootstrap = {
      Parameters: {
        BootstrapVersion: {
          Type: 'AWS::SSM::Parameter::Value<String>',
          Default: '/cdk-bootstrap/hnb659fds/version',
        },
      },
      Rules: {
        CheckBootstrapVersion: {
          Assertions: [
            {
              Assert: {
                'Fn::Not': [{ 'Fn::Contains': [['1', '2'], { Ref: 'BootstrapVersion' }] }],
              },
            },
          ],
        },
      },
    };
    expect(await resolved({ Ref: 'BootstrapVersion' }, bootstrap)).toBe('30');
  });

  it("accepts the CDK's own metadata", async () => {
    const { cloudFormation } = fakeCloudFormation();
    const metadata = { Type: 'AWS::CDK::Metadata', Properties: { Analytics: 'v2:deflate64:x' } };
    expect((await cloudFormation.deploy(stackOf({ CDKMetadata: metadata }))).status).toBe(
      'CREATE_COMPLETE',
    );
  });

  it('accepts either type name of a custom resource', async () => {
    const { aws, cloudFormation } = fakeCloudFormation();
    const Properties = { ServiceToken: serviceToken };
    await cloudFormation.deploy(
      stackOf({ A: { Type: 'AWS::CloudFormation::CustomResource', Properties } }),
    );
    expect(aws.requests[0]?.ResourceType).toBe('AWS::CloudFormation::CustomResource');
  });
});
