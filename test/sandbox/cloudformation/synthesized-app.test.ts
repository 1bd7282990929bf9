import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnOutput, CustomResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Provider } from 'aws-cdk-lib/custom-resources';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Aws } from '../aws/aws.ts';
import { startAws } from '../aws/fixtures.ts';
import { LocalNetwork } from '../network/local-network.ts';
import { readAssembly, type StackArtifact } from './assembly.ts';
import { CloudFormation } from './cloudformation.ts';
import { lines } from './fakes.ts';

let network: LocalNetwork;
let aws: Aws;
let cloudFormation: CloudFormation;

beforeAll(async () => {
  network = await LocalNetwork.open();
  aws = await startAws(network, mkdtempSync(join(tmpdir(), 'aws-')));
  cloudFormation = new CloudFormation({ aws });
});

afterAll(async () => {
  await cloudFormation.close();
  await aws.close();
  await network.close();
});

function codeOf(source: string): lambda.Code {
  const directory = mkdtempSync(join(tmpdir(), 'code-'));
  writeFileSync(join(directory, 'index.mjs'), source);
  return lambda.Code.fromAsset(directory);
}

/** Synthesizes the resources of a bot's stack: a custom resource decides the path of an HTTP API. */
function synthesize(path: string, answer: string): StackArtifact {
  const outdir = mkdtempSync(join(tmpdir(), 'cdk-out-'));
  const app = new App({ outdir, context: { 'aws:cdk:bundling-stacks': [] } });
  const stack = new Stack(app, 'App');
  const functionOf = (id: string, source: string, environment?: Record<string, string>) =>
    new lambda.Function(stack, id, {
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: codeOf(source),
      environment,
      loggingFormat: lambda.LoggingFormat.JSON,
      tracing: lambda.Tracing.ACTIVE,
      logGroup: new LogGroup(stack, `${id}Logs`, {
        retention: RetentionDays.ONE_WEEK,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    });

  const handler = functionOf(
    'Handler',
    'export const handler = async ({ ResourceProperties: { Path } }) =>' +
      " ({ PhysicalResourceId: 'path', Data: { Path } });",
  );
  const provider = new Provider(stack, 'Provider', { onEventHandler: handler });
  const custom = new CustomResource(stack, 'Custom', {
    serviceToken: provider.serviceToken,
    resourceType: 'Custom::Path',
    properties: { Path: path },
  });

  const receiver = functionOf(
    'Receiver',
    'export const handler = async () => ({ statusCode: 200, body: process.env.ANSWER });',
    { ANSWER: answer },
  );
  const secret = new Secret(stack, 'Secret', {
    generateSecretString: { excludePunctuation: true, passwordLength: 40 },
  });
  secret.grantRead(receiver);

  const httpApi = new HttpApi(stack, 'Api', { createDefaultStage: false });
  const accessLog = new LogGroup(stack, 'AccessLog', { removalPolicy: RemovalPolicy.DESTROY });
  new HttpStage(stack, 'Stage', {
    httpApi,
    autoDeploy: true,
    throttle: { rateLimit: 10, burstLimit: 10 },
    accessLogSettings: { destination: new LogGroupLogDestination(accessLog) },
  });
  new HttpRoute(stack, 'Route', {
    httpApi,
    routeKey: HttpRouteKey.with(`/${custom.getAttString('Path')}`, HttpMethod.POST),
    integration: new HttpLambdaIntegration('Integration', receiver),
  });
  new CfnOutput(stack, 'Endpoint', { value: httpApi.apiEndpoint });
  app.synth();
  return readAssembly(outdir)[0] as StackArtifact;
}

async function post(endpoint: string, path: string): Promise<[number, string]> {
  const url = new URL(path, endpoint);
  const { status, body } = await network.request(url, { method: 'POST', headers: {} });
  return [status, body.toString()];
}

describe('a synthesized app', () => {
  it('creates, updates in place, and deletes the stack', async () => {
    const created = await cloudFormation.deploy(synthesize('one', 'first'));
    expect(created.reason).toBeUndefined();
    expect(created.status).toBe('CREATE_COMPLETE');
    const endpoint = created.outputs.Endpoint as string;
    expect(await post(endpoint, '/one')).toEqual([200, 'first']);

    const events = cloudFormation.events.length;
    const updated = await cloudFormation.deploy(synthesize('two', 'second'));
    expect(updated.status).toBe('UPDATE_COMPLETE');
    expect(await post(endpoint, '/two')).toEqual([200, 'second']);
    expect((await post(endpoint, '/one'))[0]).toBe(404);
    // The path is in the route and in the permission's source. A permission cannot be updated, only replaced.
    const changed = lines(cloudFormation.events.slice(events))
      .filter((line) => line.endsWith(' UPDATE_COMPLETE'))
      .map((line) => line.replace(/[0-9A-F]{8} /, ' '));
    expect(changed.sort()).toEqual([
      'App UPDATE_COMPLETE',
      'Custom UPDATE_COMPLETE',
      'Receiver UPDATE_COMPLETE',
      'Route UPDATE_COMPLETE',
      'RouteIntegrationPermission UPDATE_COMPLETE',
    ]);

    const { status } = await cloudFormation.destroy('App');
    expect(status).toBe('DELETE_COMPLETE');
    expect(network.knows(new URL(endpoint).host)).toBe(false);
  });

  it('names resources as CloudFormation does', async () => {
    const { resources } = await cloudFormation.deploy(synthesize('one', 'first'));
    await cloudFormation.destroy('App');
    const physicalIds = [...resources.values()].map(({ physicalId }) => physicalId);
    expect(new Set(physicalIds).size).toBe(physicalIds.length);
    const of = (type: string) =>
      [...resources.values()]
        .filter((resource) => resource.type === type)
        .map((one) => one.physicalId);
    for (const id of of('AWS::IAM::Role')) expect(id).toMatch(/^App-\w+-\w{12}$/);
    for (const id of of('AWS::Lambda::Function')) expect(id.length).toBeLessThanOrEqual(64);
    expect(of('AWS::SecretsManager::Secret')[0]).toMatch(
      /^arn:aws:secretsmanager:us-east-1:123456789012:secret:Secret[0-9A-F]{8}-\w{12}-\w{6}$/,
    );
    expect(of('AWS::ApiGatewayV2::Stage')).toEqual(['$default']);
  });
});
