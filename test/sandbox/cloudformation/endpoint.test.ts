import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import {
  DomainName,
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { ApiGatewayv2DomainProperties } from 'aws-cdk-lib/aws-route53-targets';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Aws } from '../aws/aws.ts';
import { startAws } from '../aws/fixtures.ts';
import { LocalNetwork } from '../network/local-network.ts';
import { readAssembly } from './assembly.ts';
import { CloudFormation } from './cloudformation.ts';
import type { StackState } from './stack.ts';

let network: LocalNetwork;
let aws: Aws;
let cloudFormation: CloudFormation;
const code = mkdtempSync(join(tmpdir(), 'code-'));

beforeAll(async () => {
  writeFileSync(join(code, 'index.mjs'), 'export const handler = async () => ({ body: "it" });');
  network = await LocalNetwork.open();
  aws = await startAws(network, mkdtempSync(join(tmpdir(), 'aws-')));
  cloudFormation = new CloudFormation({ aws });
});

afterEach(async () => {
  if (cloudFormation.describe('App')) await cloudFormation.destroy('App');
});

afterAll(async () => {
  await cloudFormation.close();
  await aws.close();
  await network.close();
});

function deploy(build: (stack: Stack) => void): Promise<StackState> {
  const outdir = mkdtempSync(join(tmpdir(), 'cdk-out-'));
  const app = new App({ outdir, context: { 'aws:cdk:bundling-stacks': [] } });
  build(new Stack(app, 'App'));
  app.synth();
  const [artifact] = readAssembly(outdir);
  return cloudFormation.deploy(artifact as never);
}

function functionIn(stack: Stack, props: Partial<lambda.FunctionProps> = {}): lambda.Function {
  return new lambda.Function(stack, 'Function', {
    runtime: lambda.Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: lambda.Code.fromAsset(code),
    ...props,
  });
}

async function statusOf(url: string): Promise<number> {
  const { status } = await network.request(new URL(url), { method: 'POST', headers: {} });
  return status;
}

describe('a custom domain name', () => {
  const withDomain = (stack: Stack, domainName: string, mappingKey?: string) => {
    const zone = HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
      hostedZoneId: 'Z1',
      zoneName: 'example.com',
    });
    const domain = new DomainName(stack, 'Domain', {
      domainName,
      certificate: new Certificate(stack, 'Certificate', {
        domainName: '*.example.com',
        validation: CertificateValidation.fromDns(zone),
      }),
    });
    const { regionalDomainName, regionalHostedZoneId } = domain;
    new ARecord(stack, 'Record', {
      zone,
      recordName: domainName,
      target: RecordTarget.fromAlias(
        new ApiGatewayv2DomainProperties(regionalDomainName, regionalHostedZoneId),
      ),
    });
    new HttpApi(stack, 'Api', {
      disableExecuteApiEndpoint: true,
      defaultIntegration: new HttpLambdaIntegration('Integration', functionIn(stack)),
      defaultDomainMapping: { domainName: domain, mappingKey },
    });
  };

  it('is created, gets another base path and another name, and is deleted', async () => {
    const created = await deploy((stack) => withDomain(stack, 'bot.example.com'));
    expect([created.status, created.reason]).toEqual(['CREATE_COMPLETE', undefined]);
    expect(await statusOf('https://bot.example.com/any')).toBe(200);

    await deploy((stack) => withDomain(stack, 'bot.example.com', 'one/two'));
    expect(await statusOf('https://bot.example.com/any')).toBe(403);
    expect(await statusOf('https://bot.example.com/one/two/any')).toBe(200);

    const moved = await deploy((stack) => withDomain(stack, 'new.example.com'));
    expect([moved.status, moved.reason]).toEqual(['UPDATE_COMPLETE', undefined]);
    expect(network.knows('bot.example.com')).toBe(false);
    expect(await statusOf('https://new.example.com/any')).toBe(200);

    expect((await cloudFormation.destroy('App')).status).toBe('DELETE_COMPLETE');
    expect(network.knows('new.example.com')).toBe(false);
  });
});

describe('a function URL', () => {
  const withUrl = (stack: Stack, grants: boolean) => {
    const target = functionIn(stack);
    const authType = lambda.FunctionUrlAuthType.NONE;
    const url = grants
      ? target.addFunctionUrl({ authType }).url
      : new lambda.CfnUrl(stack, 'PlainUrl', { authType, targetFunctionArn: target.functionArn })
          .attrFunctionUrl;
    new CfnOutput(stack, 'Url', { value: url });
  };

  it('answers with the permissions that the CDK grants, and is deleted with its stack', async () => {
    const { outputs, reason } = await deploy((stack) => withUrl(stack, true));
    expect(reason).toBeUndefined();
    const url = String(outputs.Url);
    expect(url).toMatch(/^https:\/\/[a-z0-9]{32}\.lambda-url\.us-east-1\.on\.aws\/$/);
    expect(await statusOf(url)).toBe(200);
    expect((await cloudFormation.destroy('App')).status).toBe('DELETE_COMPLETE');
    expect(network.knows(new URL(url).host)).toBe(false);
  });

  it('refuses everyone without permissions', async () => {
    const { outputs } = await deploy((stack) => withUrl(stack, false));
    expect(await statusOf(String(outputs.Url))).toBe(403);
  });
});

describe('the routes of an API', () => {
  const twoRoutes = (stack: Stack, isSerialized: boolean) => {
    const httpApi = new HttpApi(stack, 'Api');
    const integration = new HttpLambdaIntegration('Integration', functionIn(stack));
    const routes = ['one', 'two'].map(
      (path) =>
        new HttpRoute(stack, path, {
          httpApi,
          integration,
          routeKey: HttpRouteKey.with(`/${path}`, HttpMethod.POST),
        }),
    );
    const [first, second] = routes as [HttpRoute, HttpRoute];
    if (isSerialized) second.node.addDependency(first);
  };

  it('fail if they are created at the same time', async () => {
    const { status, reason } = await deploy((stack) => twoRoutes(stack, false));
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(reason).toContain('Unable to complete operation due to concurrent modification');
    await cloudFormation.destroy('App');
    const { status: serialized } = await deploy((stack) => twoRoutes(stack, true));
    expect(serialized).toBe('CREATE_COMPLETE');
  });
});

describe('a function', () => {
  const inVpc = (stack: Stack) => {
    const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-1',
      availabilityZones: ['us-east-1a'],
      privateSubnetIds: ['subnet-1'],
    });
    const securityGroups = [new SecurityGroup(stack, 'Group', { vpc })];
    return { vpc, securityGroups };
  };
  const layer = (stack: Stack) =>
    lambda.LayerVersion.fromLayerVersionArn(
      stack,
      'Layer',
      'arn:aws:lambda:us-east-1:123456789012:layer:tools:3',
    );

  it('accepts the settings that have no effect here', async () => {
    const { status, reason } = await deploy((stack) =>
      functionIn(stack, {
        ...inVpc(stack),
        layers: [layer(stack)],
        architecture: lambda.Architecture.ARM_64,
        reservedConcurrentExecutions: 5,
        deadLetterQueue: Queue.fromQueueArn(
          stack,
          'Dead',
          'arn:aws:sqs:us-east-1:123456789012:dead',
        ),
      }),
    );
    expect([status, reason]).toEqual(['CREATE_COMPLETE', undefined]);
  });

  it('needs a role that may connect it to its VPC', async () => {
    const assumedBy = new iam.ServicePrincipal('lambda.amazonaws.com');
    const { reason } = await deploy((stack) => {
      const role = new iam.Role(stack, 'Role', { assumedBy });
      new lambda.CfnFunction(stack, 'Function', {
        ...lambdaProperties(stack),
        role: role.roleArn,
        vpcConfig: { subnetIds: ['subnet-1'], securityGroupIds: ['sg-1'] },
      });
    });
    expect(reason).toContain('does not have permissions to call CreateNetworkInterface on EC2');
  });

  it.each<[string, Partial<lambda.CfnFunctionProps>]>([
    ['SendMessage on SQS', { deadLetterConfig: { targetArn: 'arn:aws:sqs:us-east-1:1:dead' } }],
    ['Publish on SNS', { deadLetterConfig: { targetArn: 'arn:aws:sns:us-east-1:1:dead' } }],
    ['Invalid dead-letter target', { deadLetterConfig: { targetArn: 'dead' } }],
    ['one subnet', { vpcConfig: { subnetIds: [], securityGroupIds: ['sg-1'] } }],
    ['Invalid id in VpcConfig', { vpcConfig: { subnetIds: ['sn'], securityGroupIds: ['sg-1'] } }],
    ['layer version', { layers: ['arn:aws:lambda:us-east-1:123456789012:layer:tools'] }],
    ['one architecture', { architectures: ['arm64', 'x86_64'] }],
    ['UnreservedConcurrentExecution', { reservedConcurrentExecutions: 901 }],
    ['EphemeralStorage', { ephemeralStorage: { size: 100 } }],
    ['code signing', { codeSigningConfigArn: 'csc-1' }],
    ['KMS key', { kmsKeyArn: 'alias/mine' }],
  ])('is refused with a reason: %s', async (reason, properties) => {
    const state = await deploy((stack) => {
      const assumedBy = new iam.ServicePrincipal('lambda.amazonaws.com');
      const { roleArn } = new iam.Role(stack, 'Role', { assumedBy });
      const wanted = { ...lambdaProperties(stack), role: roleArn, ...properties };
      new lambda.CfnFunction(stack, 'Function', wanted);
    });
    expect(state.reason).toContain(reason);
  });
});

function lambdaProperties(stack: Stack) {
  const { s3Location } = lambda.Code.fromAsset(code).bind(stack);
  return {
    code: { s3Bucket: s3Location?.bucketName, s3Key: s3Location?.objectKey },
    handler: 'index.handler',
    runtime: 'nodejs24.x',
  };
}
