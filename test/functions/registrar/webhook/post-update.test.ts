import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { postUpdate } from '../../../../functions/registrar/webhook/probe.ts';
import { makeCertificate } from '../../../sandbox/index.ts';

let server: Server;
let port: number;
let certificate: Buffer;
let otherCertificate: Buffer;
let requests: {
  method?: string;
  url?: string;
  headers: IncomingMessage['headers'];
  body: string;
}[];
let answer: (response: ServerResponse) => void;

beforeAll(async () => {
  const own = await makeCertificate(['bot.invalid']);
  certificate = Buffer.from(own.certificate);
  otherCertificate = Buffer.from((await makeCertificate(['bot.invalid'])).certificate);
  server = createServer({ key: own.key, cert: own.certificate }, async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method, url, headers } = request;
    requests.push({ method, url, headers, body });
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});

beforeEach(() => {
  requests = [];
  answer = (response) => response.end();
});

afterAll(() => {
  server.close().closeAllConnections();
});

/** Posts to a name that never resolves (RFC 6761): only the fixed address leads to the server. */
function post(changes: object = {}) {
  const url = new URL(`https://bot.invalid:${port}/path`);
  const target = { url, secret: 'shh', ipAddress: '127.0.0.1', certificate, ...changes };
  return postUpdate(target, { update_id: 0 });
}

describe('postUpdate', () => {
  it('delivers an update the way Telegram does', async () => {
    await expect(post()).resolves.toBe(200);
    expect(requests).toEqual([
      {
        method: 'POST',
        url: '/path',
        body: '{"update_id":0}',
        headers: expect.objectContaining({
          host: `bot.invalid:${port}`,
          'content-type': 'application/json',
          'content-length': '15',
          'x-telegram-bot-api-secret-token': 'shh',
        }),
      },
    ]);
  });

  it('returns the status, whatever it is', async () => {
    answer = (response) => response.writeHead(418).end('teapot');
    await expect(post()).resolves.toBe(418);
  });

  it('does not follow a redirect', async () => {
    answer = (response) => response.writeHead(302, { location: '/other' }).end();
    await expect(post()).resolves.toBe(302);
    expect(requests).toHaveLength(1);
  });

  it('does not wait for the end of the response', async () => {
    answer = (response) => response.writeHead(200).write('and so on');
    await expect(post()).resolves.toBe(200);
  });
});

describe('postUpdate when the delivery fails', () => {
  it('rejects a host whose certificate is not trusted', async () => {
    await expect(post({ certificate: undefined })).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    expect(requests).toEqual([]);
  });

  it('rejects a host that presents another certificate than the given one', async () => {
    await expect(post({ certificate: otherCertificate })).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    expect(requests).toEqual([]);
  });

  it('rejects a host whose certificate is for another name', async () => {
    const url = new URL(`https://other.invalid:${port}/path`);
    await expect(post({ url })).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });

  it('throws when the connection breaks', async () => {
    answer = (response) => response.destroy();
    await expect(post()).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});
