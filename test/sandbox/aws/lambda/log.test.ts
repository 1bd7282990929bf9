import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lambdaTrust, TestAws } from '../fixtures.ts';

let test: TestAws;

beforeAll(async () => {
  test = await TestAws.start();
});

afterAll(() => test.close());

const invoke = (name: string, event?: unknown) => test.invoke(name, event);

describe('the log of a function', () => {
  const source = `export const handler = async () => {
    console.debug('debug', { a: 1 });
    console.log('two\\nlines');
    console.warn({ event: 'fact' });
    console.error(new TypeError('no'));
    process.stdout.write('raw');
  };`;

  it('has a line for each console call, with time, request id and level', async () => {
    test.deploy('text', source);
    await invoke('text');
    const lines = test.log('text').map((line) => line.replace(/^\S+Z\t[0-9a-f-]{36}\t/, ''));
    expect(lines).toEqual([
      'DEBUG\tdebug { a: 1 }',
      'INFO\ttwo\nlines',
      "WARN\t{ event: 'fact' }",
      expect.stringMatching(/^ERROR\tTypeError: no\n {4}at /),
      'raw',
    ]);
  });

  it('is JSON from the configured level up when the log format is JSON', async () => {
    test.deploy('json', source, { logFormat: 'JSON', applicationLogLevel: 'WARN' });
    await invoke('json');
    const [warning, error, raw] = test.log('json');
    expect(JSON.parse(String(warning))).toEqual({
      timestamp: expect.any(String),
      level: 'WARN',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      message: { event: 'fact' },
    });
    expect(JSON.parse(String(error))).toMatchObject({
      level: 'ERROR',
      message: { errorType: 'TypeError', errorMessage: 'no' },
    });
    expect(raw).toBe('raw');
  });

  it('is complete when a function logs more than the pipe holds', async () => {
    const code = `export const handler = async () => {
      for (let line = 0; line < 5000; line++) console.log('x'.repeat(2000));
      return 'done';
    };`;
    test.deploy('long', code);
    expect((await invoke('long')).result).toBe('done');
    expect(test.log('long')).toHaveLength(5000);
  });

  it('becomes a metric only as raw output, because the JSON format nests what console prints', async () => {
    const metric = (Name: string) => ({
      _aws: {
        Timestamp: Date.now(),
        CloudWatchMetrics: [{ Namespace: 'Log', Dimensions: [[]], Metrics: [{ Name }] }],
      },
      [Name]: 1,
    });
    test.deploy(
      'measured',
      `export const handler = async () => {
        console.error(${JSON.stringify(metric('Nested'))});
        process.stdout.write(${JSON.stringify(`${JSON.stringify(metric('Raw'))}
`)});
        throw new Error('no');
      };`,
      { logFormat: 'JSON' },
    );
    await invoke('measured');
    const sum = (namespace: string, name: string, dimensions = {}) =>
      test.aws.metrics
        .of({ namespace, name, dimensions })
        .statistic('Sum', Date.now() - 120_000, Date.now() + 1);
    expect([sum('Log', 'Nested'), sum('Log', 'Raw')]).toEqual([undefined, 1]);
    const ofFunction = ['Invocations', 'Errors', 'Throttles'].map((name) =>
      sum('AWS/Lambda', name, { FunctionName: 'measured' }),
    );
    expect(ofFunction).toEqual([1, 1, 0]);
  });

  it('goes to the configured log group', async () => {
    test.aws.logs.createGroup('own-group', {});
    test.deploy('grouped', 'export const handler = async () => console.log("here");', {
      logGroup: 'own-group',
    });
    await invoke('grouped');
    expect(test.aws.logs.lines('own-group')).toEqual([expect.stringMatching(/\tINFO\there$/)]);
  });

  it('is lost when the role may not write it', async () => {
    const { arn } = test.aws.iam.createRole({
      name: 'silent-role',
      trust: lambdaTrust,
      managedPolicyArns: [],
    });
    test.aws.logs.createGroup('silent-group', {});
    test.aws.lambda.create(
      test.configure('silent', 'export const handler = async () => console.log("here");', {
        roleArn: arn,
        logGroup: 'silent-group',
      }),
    );
    expect((await invoke('silent')).functionError).toBeUndefined();
    expect(test.aws.logs.lines('silent-group')).toEqual([]);
  });
});
