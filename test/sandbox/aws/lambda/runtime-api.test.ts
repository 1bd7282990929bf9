import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Report, RuntimeApi, type Work } from './runtime-api.ts';

const work: Work = {
  requestId: 'current',
  deadline: 1_800_000_000_000,
  functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:bot',
  payload: '{"update_id":1}',
};
const NEXT = '/2018-06-01/runtime/invocation/next';
const INIT_ERROR = '/2018-06-01/runtime/init/error';
const responseTo = (id: string) => `/2018-06-01/runtime/invocation/${id}/response`;

let api: RuntimeApi;
let reports: Report[];

beforeEach(async () => {
  api = await RuntimeApi.open();
  reports = [];
  api.on('report', (report) => reports.push(report));
});

afterEach(() => api.close());

function host(): string {
  return String(api.address.split('/')[0]);
}

/** Sends a request to the port, as any program can. */
async function send(method: string, path: string, headers: Record<string, string> = {}) {
  const [hostname, port] = host().split(':');
  const outgoing = request({ hostname, port, method, path, headers, agent: false });
  outgoing.end(method === 'POST' ? '"forged"' : undefined);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

/** Sends a request of the process itself, which knows the secret path. */
function call(method: string, path: string, headers?: Record<string, string>) {
  return send(method, api.address.slice(host().length) + path, headers);
}

/** Lets the process ask for work, and gives it the event. */
async function begin(): Promise<void> {
  const ready = once(api, 'ready');
  const next = call('GET', NEXT);
  await ready;
  api.give(work);
  expect(await next).toMatchObject({
    status: 200,
    headers: { 'lambda-runtime-aws-request-id': 'current' },
    body: work.payload,
  });
}

describe('the process of a function', () => {
  it('gets the event that it asked for, and reports the response once', async () => {
    await begin();
    expect((await call('POST', responseTo('current'))).status).toBe(202);
    expect(reports).toEqual([{ kind: 'response', body: '"forged"' }]);
  });

  it('reports an error of its invocation, or of its start', async () => {
    expect((await call('POST', INIT_ERROR)).status).toBe(202);
    await begin();
    await call('POST', '/2018-06-01/runtime/invocation/current/error');
    expect(reports.map(({ kind }) => kind)).toEqual(['error', 'error']);
  });

  it.each([
    ['an unknown', 'other'],
    ['a finished', 'current'],
  ])('is refused for the request id of %s invocation', async (what, id) => {
    await begin();
    if (what === 'a finished') await call('POST', responseTo(id));
    const before = [...reports];
    expect(await call('POST', responseTo(id))).toMatchObject({
      status: 400,
      body: expect.stringContaining('InvalidRequestID'),
    });
    expect(reports).toEqual(before);
  });

  it('is refused a report while it has no event, so that none is kept for the next event', async () => {
    const ready = once(api, 'ready');
    const next = call('GET', NEXT);
    await ready;
    expect((await call('POST', responseTo('current'))).status).toBe(400);
    expect((await call('POST', INIT_ERROR)).status).toBe(403);
    api.give(work);
    expect((await next).body).toBe(work.payload);
    expect(reports).toEqual([]);
  });

  it('gets one event at a time', async () => {
    await begin();
    expect(await call('GET', NEXT)).toMatchObject({
      status: 403,
      body: expect.stringContaining('InvalidStateTransition'),
    });
  });

  it('is refused any other operation', async () => {
    expect((await call('GET', '/2018-06-01/runtime/invocation/next/')).status).toBe(404);
    expect((await call('GET', INIT_ERROR)).status).toBe(404);
  });
});

describe('another program or a web page on this machine', () => {
  const origin = 'https://evil.example';

  it('is refused without the secret path', async () => {
    await begin();
    expect((await send('POST', responseTo('current'))).status).toBe(404);
    expect((await send('GET', NEXT)).status).toBe(404);
    expect((await send('POST', `/${'0'.repeat(32)}${responseTo('current')}`)).status).toBe(404);
    expect(reports).toEqual([]);
  });

  it.each([
    ['with an Origin', { origin }, 403],
    ['with an opaque Origin', { origin: 'null' }, 403],
    ['for another Host', { host: 'evil.example' }, 421],
    ['for another port', { host: '127.0.0.1:1' }, 421],
    ['for localhost', { host: 'localhost' }, 421],
  ])('is refused %s, even with the secret path', async (_what, headers, status) => {
    await begin();
    const forged = { 'content-type': 'text/plain', ...headers };
    expect((await call('POST', responseTo('current'), forged)).status).toBe(status);
    expect((await call('GET', NEXT, forged)).status).toBe(status);
    expect(reports).toEqual([]);
  });

  it('cannot foresee the path, which is another one for each process', async () => {
    const other = await RuntimeApi.open();
    const [, path] = other.address.split('/');
    await other.close();
    expect(path).toMatch(/^[0-9a-f]{32}$/);
    expect(api.address.endsWith(`/${path}`)).toBe(false);
  });
});
