import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type HostHandler, LocalNetwork } from './local-network.ts';

const telegram = 'api.telegram.org';

let network: LocalNetwork;
const removals: (() => void)[] = [];

beforeAll(async () => {
  network = await LocalNetwork.open();
});

afterEach(() => {
  for (const remove of removals.splice(0)) remove();
});

afterAll(() => network.close());

function serve(host: string, handler: HostHandler): () => void {
  const remove = network.serve(host, handler);
  removals.push(remove);
  return remove;
}

/** Runs an ES module in a child process on the local network. Returns the JSON that it prints. */
async function runChild(code: string, port?: number): Promise<unknown> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', code],
    { env: network.childEnvironment(port) },
  );
  return JSON.parse(stdout);
}

describe('a request from this process', () => {
  it('reaches the handler of its host with only the headers added that HTTP needs', async () => {
    serve(telegram, async (request, response) => {
      const body = (await buffer(request)).toString();
      response.writeHead(201, { 'x-kind': 'test' });
      response.end(JSON.stringify([request.method, request.url, request.headers, body]));
    });

    const answer = await network.request(new URL(`https://${telegram}/path?q=1`), {
      method: 'POST',
      headers: { 'x-one': 'two' },
      body: 'hello',
    });

    expect(answer.status).toBe(201);
    expect(answer.headers['x-kind']).toBe('test');
    expect(JSON.parse(answer.body.toString())).toEqual([
      'POST',
      '/path?q=1',
      { host: telegram, 'x-one': 'two', connection: 'close', 'content-length': '5' },
      'hello',
    ]);
  });

  it('may have a body with any method', async () => {
    serve(telegram, async (request, response) => response.end(await buffer(request)));
    const url = new URL(`https://${telegram}/`);
    const { body } = await network.request(url, { method: 'GET', body: 'hello' });
    expect(body.toString()).toBe('hello');
  });

  it('fails to resolve a host that is not served, or not served any more', async () => {
    const url = new URL(`https://${telegram}/`);
    await expect(network.request(url, { method: 'GET' })).rejects.toMatchObject({
      code: 'ENOTFOUND',
    });

    const remove = serve(telegram, (_request, response) => response.end());
    expect(network.knows(telegram)).toBe(true);
    await network.request(url, { method: 'GET' });

    remove();
    expect(network.knows(telegram)).toBe(false);
    await expect(network.request(url, { method: 'GET' })).rejects.toMatchObject({
      code: 'ENOTFOUND',
    });
  });

  it('is refused on any port but 443, and without TLS', async () => {
    serve(telegram, (_request, response) => response.end());
    for (const url of [`https://${telegram}:8443/`, `http://${telegram}/`]) {
      await expect(network.request(new URL(url), { method: 'GET' })).rejects.toMatchObject({
        code: 'ECONNREFUSED',
      });
    }
  });

  it('reaches a host on the port that it is served on, and on no other', async () => {
    const host = 'bot.example.com:8443';
    const handler: HostHandler = (request, response) => response.end(request.headers.host);
    removals.push(network.serve(host, handler, { hasCertificate: true }));
    expect(network.knows('bot.example.com')).toBe(true);
    const { body } = await network.request(new URL(`https://${host}/`), { method: 'GET' });
    expect(body.toString()).toBe(host);
    const other = network.request(new URL('https://bot.example.com/'), { method: 'GET' });
    await expect(other).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const answers = await runChild(`
      const ask = (url) => fetch(url).then((answer) => answer.text(), ({ cause }) => cause.code);
      console.log(JSON.stringify([await ask('https://${host}/'), await ask('https://bot.example.com/')]));
    `);
    expect(answers).toEqual([host, 'ECONNREFUSED']);
  });

  it('does not trust a host that the certificate does not name', async () => {
    serve('example.org', (_request, response) => response.end());
    await expect(
      network.request(new URL('https://example.org/'), { method: 'GET' }),
    ).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });

  it('trusts a host that is served with a certificate, in this process and in children', async () => {
    // Longer than a certificate's common name may be.
    const host = `${'a'.repeat(60)}.bot.example.com`;
    const handler: HostHandler = (_request, response) => response.end('its own');
    removals.push(network.serve(host, handler, { hasCertificate: true }));
    const { body } = await network.request(new URL(`https://${host}/`), { method: 'GET' });
    expect(body.toString()).toBe('its own');
    const fetched = `await fetch('https://${host}/').then((response) => response.text())`;
    expect(await runChild(`console.log(JSON.stringify(${fetched}))`)).toBe('its own');
  });

  it('fails when its signal is aborted, and when the connection breaks', async () => {
    const url = new URL(`https://${telegram}/`);
    const abort = new AbortController();
    const remove = serve(telegram, () => abort.abort());
    await expect(
      network.request(url, { method: 'GET', signal: abort.signal }),
    ).rejects.toMatchObject({
      name: 'AbortError',
    });

    remove();
    serve(telegram, (request) => request.socket.destroy());
    await expect(network.request(url, { method: 'GET' })).rejects.toMatchObject({
      code: 'ECONNRESET',
    });
  });
});

describe('a request of a web page', () => {
  const url = new URL(`https://${telegram}/`);

  it.each([
    ['carries its Origin', { origin: 'https://evil.example' }, 403],
    ['carries an opaque Origin', { origin: 'null' }, 403],
    ['names the host of the page', { host: 'evil.example' }, 421],
    ['names the address of the port', { host: '127.0.0.1' }, 421],
  ])('is refused when it %s', async (_what, headers, status) => {
    const seen: unknown[] = [];
    serve(telegram, (request, response) => {
      seen.push(request.url);
      response.end();
    });
    const answer = await network.request(url, { method: 'POST', headers, body: 'x' });
    expect(answer.status).toBe(status);
    expect(seen).toEqual([]);
  });
});

describe('a child process', () => {
  it('reaches served hosts through fetch and node:https, with a body', async () => {
    serve(telegram, async (request, response) => {
      response.end(`${request.method} ${await buffer(request)}`);
    });
    const answers = await runChild(`
      import https from 'node:https';
      import { text } from 'node:stream/consumers';
      const options = { method: 'POST', body: 'by fetch' };
      const fetched = await fetch('https://${telegram}/', options).then((answer) => answer.text());
      const requested = await new Promise((resolve, reject) => {
        https.request({ hostname: '${telegram}', method: 'PUT' }, (answer) => resolve(text(answer)))
          .on('error', reject).end('by node:https');
      });
      console.log(JSON.stringify([fetched, requested]));
    `);
    expect(answers).toEqual(['POST by fetch', 'PUT by node:https']);
  });

  it('resolves no other host, and is refused by every other address', async () => {
    serve(telegram, (_request, response) => response.end());
    const codes = await runChild(`
      import { connect } from 'node:net';
      const code = (url) => fetch(url, { method: 'POST', body: 'x' }).then(
        (answer) => answer.status,
        (error) => error.cause.code,
      );
      const socket = await new Promise((resolve) => {
        connect(443, 'example.org').on('error', (error) => resolve(error.code));
      });
      console.log(JSON.stringify([
        await code('https://example.org/'),
        await code('https://203.0.113.7/'),
        await code('https://${telegram}:8443/'),
        socket,
      ]));
    `);
    expect(codes).toEqual(['ENOTFOUND', 'ECONNREFUSED', 'ECONNREFUSED', 'ENOTFOUND']);
  });

  it('resolves the names that are served at that moment, through every lookup function', async () => {
    const late = 'late.execute-api.us-east-1.amazonaws.com';
    serve(telegram, (_request, response) => {
      serve(late, (_request, answer) => answer.end());
      response.end();
    });
    const found = await runChild(`
      import callbacks from 'node:dns';
      import { lookup, resolve4 } from 'node:dns/promises';
      const attempt = (promise) => promise.catch((error) => error.message);
      const before = [await attempt(lookup('${late}')), await attempt(resolve4('${late}'))];
      await fetch('https://${telegram}/');
      const after = [await lookup('${late}'), await resolve4('${late}')];
      callbacks.lookup('${late}', (_error, ...result) => {
        console.log(JSON.stringify({ before, after, result }));
      });
    `);
    expect(found).toEqual({
      before: [`getaddrinfo ENOTFOUND ${late}`, `queryA ENOTFOUND ${late}`],
      after: [{ address: '192.0.2.1', family: 4 }, ['192.0.2.1']],
      result: ['192.0.2.1', 4],
    });
  });

  it('still reaches servers on its own machine', async () => {
    const status = await runChild(`
      import { createServer } from 'node:http';
      const server = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
      server.on('listening', async () => {
        const answer = await fetch('http://127.0.0.1:' + server.address().port);
        console.log(answer.status);
        server.close();
      });
    `);
    expect(status).toBe(200);
  });

  it('still reaches them with the name of a served host in the handshake, as another sandbox does', async () => {
    serve(telegram, (_request, response) => response.end());
    const reached = await runChild(`
      import { createServer } from 'node:net';
      import { connect } from 'node:tls';
      const server = createServer((socket) => {
        console.log(true);
        socket.destroy();
        server.close();
      }).listen(0, '127.0.0.1');
      server.on('listening', () => {
        const { port } = server.address();
        connect({ host: '127.0.0.1', port, servername: '${telegram}' }).on('error', ({ code }) => {
          if (code === 'ECONNREFUSED') process.exit(console.log(false));
        });
      });
    `);
    expect(reached).toBe(true);
  });
});

it('closes despite requests and half-open connections in progress, and leaves no file behind', async () => {
  const other = await LocalNetwork.open();
  const file = String(other.childEnvironment().NODE_EXTRA_CA_CERTS);
  expect(existsSync(file)).toBe(true);
  const socket = connect(other.port, '127.0.0.1');
  await new Promise((resolve) => socket.on('connect', resolve));
  const arrived = new Promise<void>((resolve) => other.serve(telegram, () => resolve()));
  const request = other.request(new URL(`https://${telegram}/`), { method: 'GET' });
  await arrived;

  const closed = other.close();

  await expect(request).rejects.toMatchObject({ code: 'ECONNRESET' });
  await closed;
  expect(existsSync(file)).toBe(false);
});

describe('a port of one caller', () => {
  const code = `
    const { status } = await fetch('https://${telegram}/').catch(({ cause }) => ({ status: cause.code }));
    console.log(JSON.stringify(status));`;

  it('leads to the same hosts, and tells the caller from others until it is closed', async () => {
    const ports: unknown[] = [];
    serve(telegram, ({ socket }, response) => {
      ports.push(socket.localPort);
      response.end();
    });
    const port = await network.openPort();
    expect(await runChild(code, port.number)).toBe(200);
    expect(await runChild(code)).toBe(200);
    expect(ports).toEqual([port.number, network.port]);
    port.close();
    expect(await runChild(code, port.number)).toBe('ECONNREFUSED');
  });
});
