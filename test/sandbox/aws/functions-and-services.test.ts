import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allow, gone, TestAws } from './fixtures.ts';

let test: TestAws;

beforeAll(async () => {
  test = await TestAws.start();
});

afterAll(() => test.close());

describe('a function that uses the AWS SDK', () => {
  const source = `
    const { GetSecretValueCommand, SecretsManagerClient } = require('@aws-sdk/client-secrets-manager');
    exports.handler = async ({ id }) => {
      const client = new SecretsManagerClient({ maxAttempts: 1 });
      return (await client.send(new GetSecretValueCommand({ SecretId: id }))).SecretString;
    };`;

  it('reads a secret that its role may read, and no other secret', async () => {
    const { arn } = test.aws.secrets.put('mine', 'my value');
    test.aws.secrets.put('theirs', 'their value');
    test.deploy('reader', source, {
      file: 'index.js',
      policy: allow('secretsmanager:GetSecretValue', arn),
    });
    expect((await test.invoke('reader', { id: 'mine' })).result).toBe('my value');
    expect((await test.invoke('reader', { id: 'theirs' })).result).toMatchObject({
      errorType: 'AccessDeniedException',
      errorMessage: expect.stringContaining('assumed-role/reader-role/reader is not authorized'),
    });
  });

  it('loses access when the policy is deleted, even in a warm execution environment', async () => {
    test.aws.iam.deletePolicy('reader-role', 'policy');
    expect((await test.invoke('reader', { id: 'mine' })).result.errorType).toBe(
      'AccessDeniedException',
    );
  });

  it('reaches no host outside the sandbox', async () => {
    test.deploy(
      'outward',
      `export const handler = () => fetch('https://example.org/').catch(({ cause }) => cause.code);`,
    );
    expect((await test.invoke('outward')).result).toBe('ENOTFOUND');
  });
});

describe('the unmodified provider framework of aws-cdk-lib', () => {
  const library = dirname(fileURLToPath(import.meta.resolve('aws-cdk-lib/package.json')));
  const runtime = join(library, 'custom-resources/lib/provider-framework/runtime');

  beforeAll(() => {
    const user = test.deploy(
      'user',
      `export const handler = async (event) => {
        if (event.RequestType === 'Delete') throw new Error('will not');
        return { PhysicalResourceId: 'the-id', Data: { Got: event.ResourceProperties.Key } };
      };`,
    );
    test.aws.lambda.create({
      ...test.configure('framework', '', {
        roleArn: test.createRole('framework-role', {
          Statement: [
            { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: [user, `${user}:*`] },
            { Effect: 'Allow', Action: 'lambda:GetFunction', Resource: user },
          ],
        }),
        handler: 'framework.onEvent',
        environment: { USER_ON_EVENT_FUNCTION_ARN: user },
        logFormat: 'JSON',
        applicationLogLevel: 'FATAL',
      }),
      codeDirectory: runtime,
    });
  });

  async function ask(event: object) {
    const { url, answer } = test.aws.responses.open();
    const stack = { StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Resource' };
    await test.aws.lambda.invoke('framework', { ...stack, ...event, ResponseURL: url });
    return answer;
  }

  it('invokes the user’s function and PUTs its result to the ResponseURL', async () => {
    expect(await ask({ RequestType: 'Create', ResourceProperties: { Key: 'value' } })).toEqual({
      Status: 'SUCCESS',
      Reason: 'SUCCESS',
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Resource',
      PhysicalResourceId: 'the-id',
      Data: { Got: 'value' },
    });
  });

  it('reports the failure of the user’s function', async () => {
    const event = { RequestType: 'Delete', PhysicalResourceId: 'the-id', ResourceProperties: {} };
    expect(await ask(event)).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringMatching(/^will not\n\nLogs: \/aws\/lambda\/user\n/),
    });
  });

  it('logs nothing at the level FATAL, which the stack sets', () => {
    expect(test.log('framework').join('\n')).not.toContain('provider-framework');
  });
});

describe('Lambda’s public API', () => {
  async function call(role: string, method: string, path: string, body?: string) {
    const url = new URL(`https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/${path}`);
    const headers = test.sign(role, 'lambda');
    const answer = await test.network.request(url, { method, headers, body });
    return { ...answer, body: JSON.parse(answer.body.toString()) };
  }

  it('invokes and describes only the functions that the caller’s role allows', async () => {
    const arn = test.deploy('called', 'export const handler = async (event) => event;');
    test.deploy('uncalled', 'export const handler = async (event) => event;');
    const caller = test.createRole(
      'caller',
      allow(['lambda:InvokeFunction', 'lambda:GetFunction'], arn),
    );

    const invoked = await call(caller, 'POST', 'called/invocations', '{"a":1}');
    expect([invoked.status, invoked.body]).toEqual([200, { a: 1 }]);
    const described = await call(caller, 'GET', encodeURIComponent(arn));
    expect(described.body.Configuration).toMatchObject({ FunctionArn: arn, State: 'Active' });
    for (const path of ['uncalled/invocations', `${encodeURIComponent(`${arn}:1`)}/invocations`]) {
      const denied = await call(caller, 'POST', path, '{}');
      expect([denied.status, denied.headers['x-amzn-errortype']]).toEqual([
        403,
        'AccessDeniedException',
      ]);
    }
  });

  it('distinguishes a failure of the function from a failure of the call', async () => {
    test.deploy('failing', 'export const handler = async () => { throw new Error("no"); };');
    const caller = test.createRole('any-caller', allow('lambda:*', '*'));

    const failed = await call(caller, 'POST', 'failing/invocations', '{}');
    expect([failed.status, failed.headers['x-amz-function-error']]).toEqual([200, 'Unhandled']);
    const missing = await call(caller, 'POST', 'missing/invocations', '{}');
    expect([missing.status, missing.body.__type]).toEqual([404, 'ResourceNotFoundException']);
    const broken = await call(caller, 'POST', 'failing/invocations', '{');
    expect([broken.status, broken.body.__type]).toEqual([400, 'InvalidRequestContentException']);
    const unknown = await call(caller, 'DELETE', 'failing');
    expect([unknown.status, unknown.body.__type]).toEqual([404, 'UnknownOperationException']);
  });
});

it('passes a request through the gateway to the function once a permission allows it', async () => {
  const { apiGateway, lambda } = test.aws;
  const functionArn = test.deploy(
    'behind',
    'export const handler = async ({ body }) => ({ statusCode: 201, body: "got " + body });',
  );
  const { id, endpoint } = apiGateway.createApi({ name: 'api' });
  const integration = apiGateway.createIntegration(id, {
    functionArn,
    payloadFormatVersion: '2.0',
  });
  apiGateway.createRoute(id, { routeKey: 'POST /in', integrationId: integration.id });
  apiGateway.createStage(id, { name: '$default', autoDeploy: true });
  const post = () =>
    test.network.request(new URL(`${endpoint}/in`), {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: 'this',
    });

  expect((await post()).status).toBe(500);
  lambda.addPermission('behind', 'in', {
    principal: 'apigateway.amazonaws.com',
    action: 'lambda:InvokeFunction',
    sourceArn: `arn:aws:execute-api:us-east-1:123456789012:${id}/*/*/in`,
  });
  const answer = await post();
  expect([answer.status, answer.body.toString()]).toEqual([201, 'got this']);
});

it('ends all functions and removes its files when it is killed', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sandbox-killed-'));
  const script = `
    const { TestAws } = await import(${JSON.stringify(new URL('fixtures.ts', import.meta.url).href)});
    const test = await TestAws.start();
    test.deploy('idle', 'export const handler = async () => process.pid;');
    test.deploy('busy', 'export const handler = ({ idle }) => { console.log(idle, process.pid); for (;;); };');
    test.invoke('busy', { idle: (await test.invoke('idle')).result });
    while (test.log('busy').length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    process.stdout.write(test.log('busy')[0].split('\\t').at(-1), () => process.kill(process.pid, 'SIGKILL'));
  `;
  const sandbox = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', script],
    {
      env: { ...process.env, TMPDIR: directory },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [output] = await Promise.all([text(sandbox.stdout), once(sandbox, 'close')]);
  const pids = output.split(' ').map(Number);
  expect(pids).toEqual([expect.any(Number), expect.any(Number)]);
  await Promise.all(pids.map(gone));
  rmSync(directory, { recursive: true });
});
