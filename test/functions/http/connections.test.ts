import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Connections, type HttpRequest } from '../../../functions/http/connections.ts';
import { type Certificate, makeCertificate } from '../../sandbox/index.ts';
import { bodyOf } from '../telegram/http-server.ts';

let certificate: Certificate;
beforeAll(async () => {
  certificate = await makeCertificate(['localhost']);
});

/** A server that executes every payment, and closes the connection in place of an answer. */
const SERVER = `
  const { parentPort, workerData } = require('node:worker_threads');
  let payments = 0;
  const server = require('node:https').createServer(
    { key: workerData.key, cert: workerData.certificate },
    (request, response) => request.on('data', (body) => {
      if (String(body) !== 'pay') return response.end('ok');
      payments++;
      request.socket.destroy();
    }),
  );
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
  parentPort.on('message', () => parentPort.postMessage(payments));`;

/** Serves until the end of the test. Returns connections to the server, and what it sees. */
async function serve(
  answer: RequestListener = (_request, response) => response.end('ok'),
  protocol: 'http' | 'https' = 'https',
) {
  const sockets: Socket[] = [];
  const bodies: string[] = [];
  const listener: RequestListener = async (request, response) => {
    bodies.push(String(await bodyOf(request)));
    answer(request, response);
  };
  const server =
    protocol === 'http'
      ? createHttpServer(listener)
      : createTlsServer({ key: certificate.key, cert: certificate.certificate }, listener);
  server.on(protocol === 'http' ? 'connection' : 'secureConnection', (socket: Socket) => {
    sockets.push(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const clock = { ms: 0 };
  const { port } = server.address() as AddressInfo;
  const connections = new Connections(new URL(`${protocol}://localhost:${port}`), {
    ca: certificate.certificate,
    now: () => clock.ms,
  });
  onTestFinished(async () => {
    connections.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { connections, sockets, bodies, clock };
}

const post = (body = 'hello', changes: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'POST',
  path: '/path',
  headers: { 'content-type': 'text/plain' },
  body,
  signal: new AbortController().signal,
  isIdempotent: false,
  ...changes,
});

const open = () => new AbortController().signal;

describe('Connections', () => {
  it.each(['http', 'https'] as const)('keep a connection open over %s', async (protocol) => {
    const { connections, sockets, bodies } = await serve(undefined, protocol);
    for (const body of ['one', 'two', 'üç']) {
      expect(await connections.send(post(body))).toMatchObject({ status: 200, text: 'ok' });
    }
    expect(bodies).toEqual(['one', 'two', 'üç']);
    expect(sockets).toHaveLength(1);
  });

  it.each(['http', 'https'] as const)(
    'open a connection ahead of the first request over %s',
    async (protocol) => {
      const { connections, sockets } = await serve(undefined, protocol);
      await connections.open(open());
      await connections.send(post());
      await connections.send(post());
      expect(sockets).toHaveLength(1);
    },
  );

  it('open no second connection ahead', async () => {
    const { connections, sockets } = await serve();
    await connections.open(open());
    await connections.open(open());
    await connections.send(post());
    expect(sockets).toHaveLength(1);
  });

  it('fail when the server changes the protocol', async () => {
    const { connections } = await serve((request) => {
      request.socket.write('HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
    }, 'http');
    await expect(connections.send(post())).rejects.toThrow('closed without an answer');
  });

  it('open as many connections as there are requests at the same time', async () => {
    const { connections, sockets } = await serve();
    await connections.open(open());
    await Promise.all([connections.send(post()), connections.send(post())]);
    expect(sockets).toHaveLength(2);
  });

  it('keep a connection open after a response without a body', async () => {
    const { connections, sockets } = await serve((_request, response) => response.end());
    for (const method of ['POST', 'GET'] as const) {
      expect(await connections.send(post('', { method }))).toMatchObject({ status: 200, text: '' });
    }
    expect(sockets).toHaveLength(1);
  });

  it.each(['127.0.0.1', '[::1]'])('take %s for an address, not for a name', async (host) => {
    const connections = new Connections(new URL(`http://${host}:1`));
    const code = expect.stringMatching(/^E(CONNREFUSED|ADDRNOTAVAIL|AFNOSUPPORT|NETUNREACH)$/);
    await expect(connections.open(open())).rejects.toMatchObject({ code });
    await expect(connections.send(post())).rejects.toMatchObject({ code });
  });

  it('return a redirect', async () => {
    const { connections, bodies } = await serve((_request, response) => {
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    expect(await connections.send(post())).toMatchObject({ status: 307 });
    expect(bodies).toHaveLength(1);
  });

  it('refuse a server whose certificate is for another host', async () => {
    certificate = await makeCertificate(['elsewhere.example']);
    const { connections } = await serve();
    await expect(connections.open(open())).rejects.toThrow(/altnames/);
    await expect(connections.send(post())).rejects.toThrow(/altnames/);
    certificate = await makeCertificate(['localhost']);
  });

  it('stop opening when the signal is aborted', async () => {
    // It accepts connections, and never answers the TLS handshake.
    const accepted: Socket[] = [];
    const server = createTcpServer((socket) => void accepted.push(socket.on('error', () => {})));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const connections = new Connections(new URL(`https://localhost:${port}`));
    const controller = new AbortController();
    server.once('connection', () => controller.abort(new Error('enough')));
    await expect(connections.open(controller.signal)).rejects.toThrow('enough');
    await expect(connections.open(controller.signal)).rejects.toThrow('enough');
    for (const socket of accepted) socket.destroy();
  });

  it('end a request when its signal is aborted, and do not send it again', async () => {
    const controller = new AbortController();
    const { connections, bodies } = await serve((_request, response) => {
      if (bodies.length === 1) response.end();
      else controller.abort(new Error('enough'));
    });
    await connections.send(post());
    const request = post('two', { signal: controller.signal, isIdempotent: true });
    await expect(connections.send(request)).rejects.toThrow('enough');
    expect(bodies).toEqual(['hello', 'two']);
  });
});

describe('a connection that has died', () => {
  it.each<[string, (connections: Connections) => Promise<unknown>]>([
    ['after a request', (connections) => connections.send(post())],
    ['before the first request', (connections) => connections.open(open())],
  ])('is replaced when the server has closed it %s', async (_when, prepare) => {
    const { connections, sockets, bodies } = await serve();
    await prepare(connections);
    const before = bodies.length;
    // With TLS 1.3 the client is done first.
    while (sockets.length === 0) await new Promise(setImmediate);
    sockets[0]?.destroy();
    expect(await connections.send(post('again'))).toMatchObject({ status: 200 });
    expect(bodies.slice(before)).toEqual(['again']);
    expect(sockets).toHaveLength(2);
  });

  it.each<[string, (connections: Connections) => Promise<unknown>]>([
    ['used', (connections) => connections.send(post())],
    ['opened', (connections) => connections.open(open())],
  ])('is not tried when it was %s long ago', async (_what, prepare) => {
    const { connections, sockets, clock } = await serve();
    await prepare(connections);
    clock.ms = 45_000;
    await connections.send(post());
    expect(sockets).toHaveLength(1);
    // The agent gets its connection back after the response has.
    await new Promise(setImmediate);
    clock.ms = 90_001;
    await connections.send(post());
    expect(sockets).toHaveLength(2);
  });

  /** Breaks the second request's connection after it has arrived: it may have been executed. */
  const breaking = () =>
    serve((request, response) => {
      if (request.headers['content-type'] === 'text/plain') response.end('ok');
      else request.socket.destroy();
      request.headers['content-type'] = 'text/plain';
    });

  it('does not repeat a request that the server may have executed', async () => {
    const { connections, bodies } = await breaking();
    await connections.send(post());
    const request = post('pay', { headers: { 'content-type': 'text/html' } });
    await expect(connections.send(request)).rejects.toThrow(/hang up|ECONNRESET/);
    expect(bodies).toEqual(['hello', 'pay']);
  });

  it('never repeats one over https, however late TLS reports that the request is written', async () => {
    // In a thread of its own, so that it closes the connection while this one is busy.
    const server = new Worker(SERVER, { eval: true, workerData: certificate });
    onTestFinished(async () => void (await server.terminate()));
    const [port] = await once(server, 'message');
    for (let round = 1; round <= 10; round++) {
      const connections = new Connections(new URL(`https://localhost:${port}`), {
        ca: certificate.certificate,
      });
      await connections.send(post());
      const payment = connections.send(post('pay')).catch((error: Error) => error.message);
      for (let turn = 0; turn < 8; turn++) {
        await new Promise(setImmediate);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      }
      expect(await payment).toMatch(/hang up|ECONNRESET|EPIPE|closed/);
      connections.close();
    }
    server.postMessage('how often?');
    expect(await once(server, 'message')).toEqual([10]);
  });

  it('is replaced when the server has given up waiting for a request', async () => {
    const { connections, sockets } = await serve(undefined, 'http');
    await connections.open(open());
    while (sockets.length === 0) await new Promise(setImmediate);
    sockets[0]?.write('HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n');
    expect(await connections.send(post())).toMatchObject({ status: 200 });
    expect(sockets).toHaveLength(2);
  });

  it('repeats, once, a request that may be executed twice', async () => {
    const { connections, bodies } = await breaking();
    await connections.send(post());
    const request = post('read', { headers: { 'content-type': 'text/html' }, isIdempotent: true });
    await expect(connections.send(request)).rejects.toThrow(/hang up|ECONNRESET/);
    expect(bodies).toEqual(['hello', 'read', 'read']);
  });

  it('repeats nothing on a connection that was opened for the request', async () => {
    const { connections, bodies } = await breaking();
    const request = post('read', { headers: { 'content-type': 'text/html' }, isIdempotent: true });
    await expect(connections.send(request)).rejects.toThrow(/hang up|ECONNRESET/);
    expect(bodies).toEqual(['read']);
  });

  it('repeats a request that the server cannot have executed, because it never left completely', async () => {
    // The first connection answers one request, and breaks as soon as a second one begins.
    let connectionCount = 0;
    let executed = 0;
    const server = createHttpServer(async (request, response) => {
      const body = await bodyOf(request).catch(() => undefined);
      if (!body) return;
      executed++;
      response.end('ok');
    });
    server.on('connection', (socket: Socket) => {
      if (++connectionCount > 1) return;
      let requests = 0;
      const { emit } = socket;
      socket.emit = (event: string | symbol, ...args: unknown[]) => {
        if (event === 'data' && String(args[0]).startsWith('POST') && ++requests === 2) {
          socket.resetAndDestroy();
          return true;
        }
        return Reflect.apply(emit, socket, [event, ...args]);
      };
      // Without a 'data' listener of its own, the HTTP parser reads past JavaScript.
      socket.on('data', () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const connections = new Connections(new URL(`http://127.0.0.1:${port}`));
    onTestFinished(async () => {
      connections.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    await connections.send(post());
    // Far more than the buffers between two sockets hold.
    await connections.send(post('x'.repeat(64 * 1024 * 1024)));
    expect(connectionCount).toBe(2);
    expect(executed).toBe(2);
  });
});
