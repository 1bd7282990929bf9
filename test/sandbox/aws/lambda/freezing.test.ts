import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { frozen, TestAws } from '../fixtures.ts';

const host = 'freezing.us-east-1.amazonaws.com';
const url = `https://${host}/`;

let test: TestAws;
let stopServing: (() => void) | undefined;
/** The work that functions have left behind, by function. */
let left: Record<string, readonly string[]>;

beforeAll(async () => {
  test = await TestAws.start();
});

beforeEach(() => {
  left = {};
  test.aws.lambda.onWorkLeft = ({ name }, work) => {
    left[name] = work;
  };
});

afterEach(() => stopServing?.());

afterAll(() => test.close());

function serve(answer: (response: ServerResponse) => void): void {
  stopServing = test.network.serve(host, (_request, response) => answer(response));
}

/** Invokes a function twice. By its second event, what the first has left behind is known. */
async function invokeTwice(name: string, source: string): Promise<readonly string[] | undefined> {
  test.deploy(name, source);
  for (let count = 1; count <= 2; count++) {
    expect((await test.invoke(name, { count })).functionError).toBeUndefined();
  }
  return left[name];
}

describe.skipIf(process.platform === 'win32')('between two invocations', () => {
  it('nothing runs: what was not awaited continues with the next event', async () => {
    const { held, close } = test.serveHeld(host);
    stopServing = close;
    test.deploy(
      'forgetful',
      `export const handler = async ({ first }) => {
        if (first) {
          globalThis.late = fetch('${url}held').then(() => console.log('late'));
          await fetch('${url}arrived');
          console.log('first');
        } else {
          await globalThis.late;
        }
        return process.pid;
      };`,
    );
    const words = () => test.log('forgetful').map((line) => line.split('\t').at(-1));
    const { result: pid } = await test.invoke('forgetful', { first: true });
    await frozen(pid);
    (await held).end();
    // Long enough for a process that runs: it does more than the forgotten work.
    test.deploy('other', 'export const handler = async () => "done";');
    await test.invoke('other');
    expect(words()).toEqual(['first']);

    await test.invoke('forgetful', {});

    expect(words()).toEqual(['first', 'late']);
  });

  it('the processes that a function has started are frozen too', async () => {
    test.deploy(
      'forking',
      `import { spawn } from 'node:child_process';
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
      export const handler = async () => [process.pid, child.pid];`,
    );
    const { result: pids } = await test.invoke('forking');
    await Promise.all(pids.map(frozen));
    expect((await test.invoke('forking')).result).toEqual(pids);
  });

  it('a connection that its server closes is not used for the next event', async () => {
    const sockets: Socket[] = [];
    serve((response) => {
      sockets.push(response.socket as Socket);
      response.end('answer');
    });
    test.deploy(
      'connected',
      `import { Agent, request } from 'node:https';
      import { text } from 'node:stream/consumers';
      const agent = new Agent({ keepAlive: true });
      const post = () => new Promise((resolve, reject) => {
        request('${url}', { agent, method: 'POST' }, (response) => resolve(text(response)))
          .on('error', reject).end('x');
      });
      export const handler = async () => [
        process.pid,
        await post(),
        await fetch('${url}', { method: 'POST', body: 'x' }).then((response) => response.text()),
      ];`,
    );
    for (let count = 0; count < 5; count++) {
      const { result } = await test.invoke('connected');
      expect(result).toEqual([expect.any(Number), 'answer', 'answer']);
      await frozen(result[0]);
      for (const socket of sockets.splice(0)) {
        await new Promise<void>((resolve) => socket.end(resolve));
      }
    }
  });

  it('a process that is frozen can be ended', async () => {
    test.deploy('ended', 'export const handler = async () => process.pid;');
    const { result: pid } = await test.invoke('ended');
    await frozen(pid);
    await test.aws.lambda.delete('ended');
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});

describe('work that is left behind', () => {
  const handler = (body: string) => `export const handler = async ({ count }) => { ${body} };`;

  it.each([
    ['a timer', 'setTimeout(() => {}, 60_000);', 'timer'],
    ['an interval', 'if (count === 1) setInterval(() => {}, 60_000);', 'timer'],
    ['a call with fetch', `if (count === 1) fetch('${url}');`, 'HTTP request'],
    [
      'a call with node:https',
      `if (count === 1) process.getBuiltinModule('node:https').get('${url}');`,
      'HTTP request',
    ],
  ])('is reported: %s', async (what, body, kind) => {
    serve(() => {});
    const work = await invokeTwice(what.replace(/\W/g, '-'), handler(body));
    expect(work).toContain(kind);
  });

  it('is reported after an error, too', async () => {
    test.deploy('failing', handler("setTimeout(() => {}, 60_000); throw new Error('no');"));
    await test.invoke('failing');
    await test.invoke('failing');
    expect(left.failing).toContain('timer');
  });

  it.each([
    ['nothing', 'return 1;'],
    ['awaited', 'await new Promise((resolve) => setTimeout(resolve, 1));'],
    ['cancelled', 'clearTimeout(setTimeout(() => {}, 60_000));'],
    ['unreferenced', 'setTimeout(() => {}, 60_000).unref(); AbortSignal.timeout(60_000);'],
    ['kept-alive', `await (await fetch('${url}')).text();`],
    ['unread', `await fetch('${url}');`],
    [
      'failed-request',
      "await fetch('https://nowhere.example/').catch(() => {}); await fetch('https://192.0.2.9/').catch(() => {});",
    ],
    [
      'aborted-request',
      `const abort = new AbortController();
      const request = process.getBuiltinModule('node:https').get('${url}', { signal: abort.signal });
      const closed = new Promise((resolve) => request.on('error', () => {}).on('close', resolve));
      abort.abort();
      await closed;`,
    ],
    [
      'agent',
      `const https = process.getBuiltinModule('node:https');
      globalThis.agent ??= new https.Agent({ keepAlive: true });
      await new Promise((resolve) => https.get('${url}', { agent }, (response) => response.resume().on('end', resolve)));`,
    ],
  ])('is not mistaken for what is over: %s', async (name, body) => {
    serve((response) => response.end('answer'));
    expect(await invokeTwice(`over-${name}`, handler(body))).toBeUndefined();
  });

  it('is not mistaken for what a module starts while it loads', async () => {
    const source = `setInterval(() => {}, 60_000); ${handler('return 1;')}`;
    expect(await invokeTwice('loaded', source)).toBeUndefined();
  });
});
