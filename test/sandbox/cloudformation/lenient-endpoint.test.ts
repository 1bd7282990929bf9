import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Aws } from '../aws/aws.ts';
import { startAws } from '../aws/fixtures.ts';
import { Leniency } from '../leniency.ts';
import { LocalNetwork } from '../network/local-network.ts';
import { CloudFormation, type StackState } from './cloudformation.ts';
import { stackOf } from './fakes.ts';

let network: LocalNetwork;
let aws: Aws;
let cloudFormation: CloudFormation;
let notes: string[] = [];

beforeAll(async () => {
  network = await LocalNetwork.open();
  const leniency = new Leniency((text) => notes.push(text));
  aws = await startAws(network, mkdtempSync(join(tmpdir(), 'aws-')), { leniency });
  cloudFormation = new CloudFormation({ aws, leniency });
});

afterAll(async () => {
  await aws.close();
  await network.close();
});

afterEach(async () => {
  notes = [];
  await cloudFormation.destroy('Stack');
});

const name = 'bot.example.com';
const api = {
  Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'api', ProtocolType: 'HTTP' } },
  Stage: {
    Type: 'AWS::ApiGatewayV2::Stage',
    Properties: { ApiId: { Ref: 'Api' }, StageName: '$default', AutoDeploy: true },
  },
};

function mapping(DomainName: unknown) {
  const Properties = { ApiId: { Ref: 'Api' }, Stage: { Ref: 'Stage' }, DomainName };
  return { Type: 'AWS::ApiGatewayV2::ApiMapping', Properties };
}

async function deploy(resources: Record<string, unknown>): Promise<StackState> {
  const state = await cloudFormation.deploy(stackOf(resources));
  expect([state.status, state.reason]).toEqual(['CREATE_COMPLETE', undefined]);
  return state;
}

it('serves a domain of the app without a record, with a certificate from wherever it is', async () => {
  const certificate = 'arn:aws:acm:eu-west-1:123456789012:certificate/1';
  const DomainNameConfigurations = [{ CertificateArn: certificate, EndpointType: 'REGIONAL' }];
  await deploy({
    ...api,
    Domain: {
      Type: 'AWS::ApiGatewayV2::DomainName',
      Properties: { DomainName: name, DomainNameConfigurations },
    },
    Mapping: mapping({ Ref: 'Domain' }),
  });
  expect(network.knows(name)).toBe(true);
  await cloudFormation.destroy('Stack');
  expect(network.knows(name)).toBe(false);
});

it('serves a domain that another stack is supposed to have', async () => {
  await deploy({ ...api, Mapping: mapping('imported.example.com') });
  expect(network.knows('imported.example.com')).toBe(true);
});

it.each([
  [
    'leads to another service',
    { Type: 'A', AliasTarget: { DNSName: 'd1.cloudfront.net', HostedZoneId: 'Z2' } },
  ],
  ['is of another type', { Type: 'MX', ResourceRecords: ['10 mail.example.com'], TTL: '60' }],
])('keeps a record in name only that %s', async (_, properties) => {
  await deploy({
    Record: {
      Type: 'AWS::Route53::RecordSet',
      Properties: { HostedZoneId: 'Z1', Name: `${name}.`, ...properties },
    },
  });
  expect(notes).toEqual([
    expect.stringMatching(/^Record: .*AWS::Route53::RecordSet.* in name only/),
  ]);
});

it('creates routes of one API at the same time', async () => {
  const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:any';
  const Integration = {
    Type: 'AWS::ApiGatewayV2::Integration',
    Properties: {
      ApiId: { Ref: 'Api' },
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: functionArn,
      PayloadFormatVersion: '2.0',
    },
  };
  const route = (path: string) => ({
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ApiId: { Ref: 'Api' },
      RouteKey: `POST ${path}`,
      Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
    },
  });
  await deploy({ ...api, Integration, One: route('/one'), Two: route('/two') });
});
