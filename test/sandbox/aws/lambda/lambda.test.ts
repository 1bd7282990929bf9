import { writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gone, TestAws } from '../fixtures.ts';

let test: TestAws;

beforeAll(async () => {
  test = await TestAws.start();
});

afterAll(() => test.close());

const invoke = (name: string, event?: unknown) => test.invoke(name, event);

describe('a function', () => {
  it('gets the event, a context, Lambda’s environment variables and its own', async () => {
    const arn = test.deploy(
      'inspect',
      `export const handler = async (event, context) => ({
        event, context, remaining: context.getRemainingTimeInMillis(), env: process.env, cwd: process.cwd(),
      });`,
      { environment: { OWN: 'value' }, timeout: 7 },
    );
    const { result } = await invoke(arn, { key: 'é' });
    expect(result.event).toEqual({ key: 'é' });
    expect(result.context).toEqual({
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      invokedFunctionArn: arn,
      functionName: 'inspect',
      functionVersion: '$LATEST',
      memoryLimitInMB: '128',
      logGroupName: '/aws/lambda/inspect',
      logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
    });
    expect(result.remaining).toBeGreaterThan(0);
    expect(result.remaining).toBeLessThanOrEqual(7000);
    expect(result.env).toMatchObject({
      OWN: 'value',
      AWS_REGION: 'us-east-1',
      AWS_LAMBDA_FUNCTION_NAME: 'inspect',
      LAMBDA_TASK_ROOT: result.cwd,
      _HANDLER: 'index.handler',
    });
  });

  it('inherits nothing from this machine but PATH', async () => {
    process.env.SANDBOX_TEST_LEAK = 'leaked';
    const { result } = await invoke('inspect');
    delete process.env.SANDBOX_TEST_LEAK;
    expect(result.env).not.toHaveProperty('SANDBOX_TEST_LEAK');
    expect(result.env).not.toHaveProperty('HOME');
  });

  it('may be CommonJS, be nested in an export, and return nothing', async () => {
    test.deploy('common', 'exports.room = { handler: async () => {} };', {
      file: 'index.js',
      handler: 'index.room.handler',
    });
    expect(await invoke('common')).toEqual({ functionError: undefined, result: null });
  });

  it('does not take its kind from a package.json above the sandbox', async () => {
    writeFileSync(join(test.directory, 'package.json'), '{"type":"module"}');
    test.deploy('above', 'exports.handler = async () => typeof require;', { file: 'index.js' });
    expect((await invoke('above')).result).toBe('function');
  });

  it('finds the AWS SDK in its runtime, but no other package of this project', async () => {
    test.deploy(
      'packages',
      `exports.handler = async () => ['@aws-sdk/client-lambda', 'esbuild'].map((name) => {
        try { return typeof require(name); } catch (error) { return error.code; }
      });`,
      { file: 'index.js' },
    );
    expect((await invoke('packages')).result).toEqual(['object', 'MODULE_NOT_FOUND']);
  });

  it('keeps its process and its state from one invocation to the next', async () => {
    test.deploy(
      'warm',
      'let count = 0; export const handler = async () => [++count, process.pid];',
    );
    const first = await invoke('warm');
    const second = await invoke('warm');
    expect(first.result).toEqual([1, expect.any(Number)]);
    expect(second.result).toEqual([2, first.result[1]]);
  });

  it('runs concurrent invocations in separate processes', async () => {
    const waiting: ServerResponse[] = [];
    const host = 'meeting.us-east-1.amazonaws.com';
    const close = test.network.serve(host, (_request, response) => {
      waiting.push(response);
      if (waiting.length === 2) for (const each of waiting) each.end();
    });
    test.deploy(
      'parallel',
      `export const handler = async () => {
        await fetch('https://${host}/');
        return process.pid;
      };`,
    );
    const [one, two] = await Promise.all([invoke('parallel'), invoke('parallel')]);
    close();
    expect(one.result).not.toBe(two.result);
  });
});

describe('a deployed function', () => {
  it('runs the new code from the next invocation after an update', async () => {
    test.deploy('updated', 'export const handler = async () => ["old", process.pid];');
    const [, oldPid] = (await invoke('updated')).result;
    test.aws.lambda.update(
      test.configure('updated', 'export const handler = async () => ["new"];', {}),
    );
    expect((await invoke('updated')).result).toEqual(['new']);
    await gone(oldPid);
  });

  it('lets running invocations finish with the old code after an update', async () => {
    const host = 'gate.us-east-1.amazonaws.com';
    const gate = new Promise<ServerResponse>((resolve) => {
      test.network.serve(host, (_request, response) => resolve(response));
    });
    test.deploy(
      'finishing',
      `export const handler = async () => {
        await fetch('https://${host}/');
        return 'old';
      };`,
    );
    const running = invoke('finishing');
    const response = await gate;
    test.aws.lambda.update(
      test.configure('finishing', 'export const handler = async () => "new";', {}),
    );
    expect((await invoke('finishing')).result).toBe('new');
    response.end();
    expect((await running).result).toBe('old');
  });

  it('is not affected by later changes to the code on disk', async () => {
    const role = test.createRole('uploaded-role');
    const configuration = test.configure('uploaded', 'export const handler = async () => "old";', {
      roleArn: role,
    });
    test.aws.lambda.create(configuration);
    writeFileSync(join(configuration.codeDirectory, 'index.mjs'), 'throw new Error("new")');
    expect((await invoke('uploaded')).result).toBe('old');
  });

  it('ends its processes and their invocations when it is deleted', async () => {
    test.deploy(
      'deleted',
      'export const handler = async () => { console.log(process.pid); await new Promise(() => setInterval(() => {}, 1000)); };',
    );
    const running = invoke('deleted');
    await expect.poll(() => test.log('deleted')).toHaveLength(1);
    await test.aws.lambda.delete('deleted');
    expect((await running).result.errorMessage).toMatch(/signal: killed$/);
    await gone(Number(test.log('deleted')[0]?.split('\t').at(-1)));
    await expect(invoke('deleted')).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  });
});

describe('an invocation', () => {
  const source = 'export const handler = async () => "in";';
  const from = 'arn:aws:execute-api:us-east-1:123456789012:api/$default/POST/path';

  it('needs a permission for its source ARN when it comes from another service', async () => {
    const arn = test.deploy('guarded', source);
    const invokeAs = (principal: string, sourceArn: string) =>
      test.aws.lambda.invokeAs(principal, sourceArn, arn, {}).then(({ payload }) => payload);
    const gateway = 'apigateway.amazonaws.com';
    const denied = { code: 'AccessDeniedException' };

    await expect(invokeAs(gateway, from)).rejects.toMatchObject(denied);
    test.aws.lambda.addPermission('guarded', 'statement', {
      principal: gateway,
      action: 'lambda:InvokeFunction',
      sourceArn: 'arn:aws:execute-api:us-east-1:123456789012:api/*/*/path',
    });
    expect(await invokeAs(gateway, from)).toBe('"in"');
    await expect(invokeAs(gateway, from.replace('/path', '/other'))).rejects.toMatchObject(denied);
    await expect(invokeAs(gateway, from.replace(':api/', ':b/'))).rejects.toMatchObject(denied);
    await expect(invokeAs('events.amazonaws.com', from)).rejects.toMatchObject(denied);
    test.aws.lambda.removePermission('guarded', 'statement');
    await expect(invokeAs(gateway, from)).rejects.toMatchObject(denied);
  });

  it('accepts an ARN with the version $LATEST, but with no other version', async () => {
    const arn = test.deploy('versions', source);
    expect((await invoke(`${arn}:$LATEST`)).result).toBe('in');
    for (const other of [`${arn}:1`, arn.replace('us-east-1', 'us-west-2'), 'no such/name']) {
      await expect(invoke(other)).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    }
  });
});

describe('a version or an alias', () => {
  it('leads to the newest code of its function, until it is removed', async () => {
    const arn = test.deploy('versioned', 'export const handler = async () => 1;');
    test.aws.lambda.addQualifier('versioned', 'live');
    test.aws.lambda.update(
      test.configure('versioned', 'export const handler = async () => 2;', {}),
    );
    expect((await test.aws.lambda.invoke(`${arn}:live`, {})).payload).toBe('2');
    test.aws.lambda.removeQualifier(arn, 'live');
    await expect(test.aws.lambda.invoke(`${arn}:live`, {})).rejects.toThrow(`${arn}:live`);
  });
});

describe('an invalid configuration', () => {
  it.each([
    [
      'a reserved variable',
      { environment: { AWS_REGION: 'x', MINE: 'y' } },
      /reserved keys.*: AWS_REGION$/,
    ],
    ['too many variables', { environment: { BIG: 'x'.repeat(4096) } }, /exceeded the 4KB limit/],
    ['a variable without a valid name', { environment: { '1': 'x' } }, /names are not valid: 1$/],
    ['an invalid timeout', { timeout: 901 }, /1 to 900 seconds, got 901/],
    ['an invalid memory size', { memorySize: 64 }, /got 64/],
    ['an unsupported runtime', { runtime: 'python3.13' }, /got python3.13/],
    ['a log level without JSON', { applicationLogLevel: 'INFO' }, /needs LogFormat JSON/],
    ['missing code', { codeDirectory: '/nowhere' }, /Not a directory: \/nowhere/],
    [
      'a role that Lambda cannot assume',
      { roleArn: 'arn:aws:iam::123456789012:role/none' },
      /cannot be assumed by Lambda/,
    ],
  ])('is refused for %s', (_what, wrong, message) => {
    const configuration = test.configure('wrong', '', {
      roleArn: test.createRole(`wrong-${message}`),
    });
    expect(() => test.aws.lambda.create({ ...configuration, ...wrong })).toThrow(message);
  });

  it('is refused for a name that is taken', () => {
    const configuration = test.configure('inspect', '', {});
    expect(() => test.aws.lambda.create(configuration)).toThrow('Function already exist: inspect');
  });
});
