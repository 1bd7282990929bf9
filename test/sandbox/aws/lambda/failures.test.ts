import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gone, TestAws } from '../fixtures.ts';

let test: TestAws;

beforeAll(async () => {
  test = await TestAws.start();
});

afterAll(() => test.close());

const invoke = (name: string, event?: unknown) => test.invoke(name, event);

describe('a failing function', () => {
  it('reports and logs an exception, and continues in the same process', async () => {
    test.deploy(
      'throws',
      `let count = 0;
      export const handler = async () => { count += 1; throw new RangeError('no ' + count); };`,
    );
    expect(await invoke('throws')).toEqual({
      functionError: 'Unhandled',
      result: {
        errorType: 'RangeError',
        errorMessage: 'no 1',
        trace: expect.arrayContaining(['RangeError: no 1']),
      },
    });
    expect(test.log('throws').at(-1)).toMatch(/\tERROR\tInvoke Error \t\{"errorType":"RangeError"/);
    expect((await invoke('throws')).result.errorMessage).toBe('no 2');
  });

  it('reports an error at load time, and tries again in a new process', async () => {
    test.deploy('unloadable', "throw new Error('pid ' + process.pid);");
    const first = await invoke('unloadable');
    const second = await invoke('unloadable');
    expect(first).toMatchObject({
      functionError: 'Unhandled',
      result: { errorType: 'Error', errorMessage: expect.stringMatching(/^pid \d+$/) },
    });
    expect(second.result.errorMessage).not.toBe(first.result.errorMessage);
    expect(test.log('unloadable')[0]).toContain('Init Error');
    expect(await test.aws.lambda.invoke('unloadable', {})).toMatchObject({ failedToLoad: true });
  });

  it.each([
    ['a missing module', "require('nowhere')", 'index.handler', 'Runtime.ImportModuleError'],
    ['a missing file', '', 'main.handler', 'Runtime.ImportModuleError'],
    ['a syntax error', 'const =', 'index.handler', 'Runtime.UserCodeSyntaxError'],
    ['a missing export', 'exports.other = 1', 'index.handler', 'Runtime.HandlerNotFound'],
    ['a non-function handler', 'exports.handler = 1', 'index.handler', 'Runtime.HandlerNotFound'],
    [
      'a callback handler',
      'exports.handler = (event, context, callback) => callback()',
      'index.handler',
      'Runtime.CallbackHandlerDeprecated',
    ],
  ])('reports %s in the words of Lambda’s runtime', async (what, source, handler, errorType) => {
    const name = what.replaceAll(' ', '-');
    test.deploy(name, source, { file: 'index.js', handler });
    expect(await invoke(name)).toMatchObject({
      functionError: 'Unhandled',
      result: { errorType },
    });
  });

  it('reports how its process exited, and starts a new one', async () => {
    test.deploy(
      'exits',
      'export const handler = async ({ status }) => { console.log("bye"); process.exit(status); };',
    );
    expect(await invoke('exits', { status: 3 })).toEqual({
      functionError: 'Unhandled',
      result: {
        errorType: 'Runtime.ExitError',
        errorMessage: expect.stringMatching(
          /^RequestId: \S+ Error: Runtime exited with error: exit status 3$/,
        ),
      },
    });
    expect((await invoke('exits', { status: 0 })).result.errorMessage).toMatch(
      /Runtime exited without providing a reason$/,
    );
    expect(test.log('exits').filter((line) => line.endsWith('\tbye'))).toHaveLength(2);
  });

  it('loses its process to an uncaught exception', async () => {
    test.deploy(
      'rejects',
      `export const handler = () => {
        Promise.reject(new Error('unseen'));
        return new Promise(() => {});
      };`,
    );
    expect((await invoke('rejects')).result.errorType).toBe('Runtime.ExitError');
    expect(test.log('rejects').join('\n')).toContain('Error: unseen');
  });

  it.skipIf(process.platform === 'win32')(
    'crashes in its next invocation because of what an earlier one left behind',
    async () => {
      const host = 'later.us-east-1.amazonaws.com';
      const { held } = test.serveHeld(host);
      test.deploy(
        'late',
        `export const handler = async ({ leave, stay }) => {
          if (leave) {
            fetch('https://${host}/held').then(() => process.exit(1));
            await fetch('https://${host}/arrived');
          }
          if (stay) await new Promise(() => setInterval(() => {}, 1000));
          return process.pid;
        };`,
      );
      const first = await invoke('late', { leave: true });
      (await held).end();
      expect((await invoke('late', { stay: true })).result.errorType).toBe('Runtime.ExitError');
      const third = await invoke('late');
      expect(third.result).toEqual(expect.any(Number));
      expect(third.result).not.toBe(first.result);
    },
  );

  it('gets a new process when the old one has died between invocations', async () => {
    test.deploy('mortal', 'export const handler = async () => process.pid;');
    const first = await invoke('mortal');
    process.kill(first.result, 'SIGKILL');
    await gone(first.result);
    const second = await invoke('mortal');
    expect(second.result).toEqual(expect.any(Number));
    expect(second.result).not.toBe(first.result);
  });

  it('ends the processes that it started when its own process exits', async () => {
    test.deploy(
      'forks',
      `import { spawn } from 'node:child_process';
      export const handler = async () => {
        const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
        console.log(child.pid);
        process.exit(1);
      };`,
    );
    await invoke('forks');
    await gone(Number(test.log('forks')[0]?.split('\t').at(-1)));
  });

  it('ends although a process that left its group holds its output', async () => {
    test.deploy(
      'escaping',
      `import { spawn } from 'node:child_process';
      export const handler = async () => {
        const options = { detached: true, stdio: 'inherit' };
        return spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], options).pid;
      };`,
    );
    const { result: escaped } = await invoke('escaping');
    try {
      await test.aws.lambda.delete('escaping');
      expect(process.kill(escaped, 0)).toBe(true);
    } finally {
      process.kill(escaped, 'SIGKILL');
    }
  });

  it('is killed when it takes too long, whether it waits or computes', async () => {
    test.deploy(
      'slow',
      `export const handler = async ({ busy }) => {
        console.log(process.pid);
        while (busy);
        await new Promise(() => setInterval(() => {}, 1000));
      };`,
      { timeout: 1 },
    );
    const [idle] = await Promise.all([invoke('slow', {}), invoke('slow', { busy: true })]);
    expect(idle).toEqual({
      functionError: 'Unhandled',
      result: {
        errorType: 'Sandbox.Timedout',
        errorMessage: expect.stringMatching(
          /^RequestId: \S+ Error: Task timed out after 1.00 seconds$/,
        ),
      },
    });
    const lines = test.log('slow');
    expect(lines.filter((line) => line.endsWith('Task timed out after 1.00 seconds'))).toHaveLength(
      2,
    );
    const pids = lines.map((line) => Number(/\tINFO\t(\d+)$/.exec(line)?.[1])).filter(Boolean);
    expect(pids).toHaveLength(2);
    await Promise.all(pids.map(gone));
  });

  it('reports an event or a response over the size limit', async () => {
    test.deploy('large', "export const handler = async ({ size }) => 'x'.repeat(size);");
    expect((await invoke('large', { size: 6_300_000 })).result.errorType).toBe(
      'Function.ResponseSizeTooLarge',
    );
    await expect(invoke('large', 'x'.repeat(6_300_000))).rejects.toMatchObject({
      code: 'RequestEntityTooLargeException',
      status: 413,
    });
  });
});
