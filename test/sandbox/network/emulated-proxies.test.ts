import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { Leniency } from '../leniency.ts';
import { EmulatedProxies } from './emulated-proxies.ts';
import { LocalNetwork } from './local-network.ts';

const gateway = 'api.execute-api.us-east-1.amazonaws.com';
const behind = `https://${gateway}`;
const host = 'bot.example.com';
const origin = `https://${host}`;

let network: LocalNetwork;
let proxies: EmulatedProxies;
let notes: string[];

beforeAll(async () => {
  network = await LocalNetwork.open();
  network.serve(gateway, async (request, response) => {
    const { method, url, headers } = request;
    response.writeHead(201, { 'x-answer': 'yes' });
    response.end(JSON.stringify({ method, url, headers, body: String(await buffer(request)) }));
  });
});

beforeEach(() => {
  notes = [];
  proxies = new EmulatedProxies({ network, leniency: new Leniency((text) => notes.push(text)) });
});

afterEach(() => {
  for (const registration of ['A', 'B']) proxies.settle(registration, '1', 'none');
});

afterAll(() => network.close());

const post = (url: string) =>
  network.request(new URL(url), { method: 'POST', headers: { 'x-secret': 's' }, body: 'text' });

it('forwards method, headers and body, and the answer back, without the base path', async () => {
  proxies.open('A', { origin: `${origin}/bots`, behind: `${behind}/one` });
  const { status, headers, body } = await post(`${origin}/bots/path?q=1`);
  expect([status, headers['x-answer']]).toEqual([201, 'yes']);
  expect(JSON.parse(String(body))).toEqual({
    method: 'POST',
    url: '/one/path?q=1',
    headers: { host: gateway, 'x-secret': 's', connection: 'close', 'content-length': '4' },
    body: 'text',
  });
});

it('answers 404 beside its base path, and 502 when nobody is behind it', async () => {
  proxies.open('A', { origin: `${origin}/bots`, behind: 'https://nobody.example' });
  expect((await post(`${origin}/botsy/path`)).status).toBe(404);
  expect((await post(`${origin}/bots/path`)).status).toBe(502);
});

it('stands in for one host of several bots until the last of them is gone', async () => {
  proxies.open('A', { origin, behind: `${behind}/a` });
  proxies.open('B', { origin: `${origin}/b`, behind: `${behind}/b` });
  const reached = async (url: string) => JSON.parse(String((await post(url)).body)).url;
  expect(await reached(`${origin}/path`)).toBe('/a/path');
  expect(await reached(`${origin}/b/path`)).toBe('/b/path');
  proxies.close('A', '1');
  expect(await reached(`${origin}/b/path`)).toBe('/b/path');
  proxies.close('B', '1');
  expect(network.knows(host)).toBe(false);
});

it('stands in on several ports of a host', async () => {
  proxies.open('A', { origin, behind });
  proxies.open('B', { origin: `${origin}:8443`, behind });
  expect((await post(`${origin}:8443/path`)).status).toBe(201);
  proxies.close('A', '1');
  await expect(post(`${origin}/path`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect((await post(`${origin}:8443/path`)).status).toBe(201);
});

it('keeps the previous proxy until the change has succeeded', () => {
  proxies.open('A', { origin, behind });
  proxies.settle('A', '1', origin);
  proxies.open('A', { origin: 'https://new.example.com', behind });
  expect(network.knows(host)).toBe(true);
  proxies.settle('A', '1', 'https://new.example.com');
  expect([network.knows(host), network.knows('new.example.com')]).toEqual([false, true]);
});

it('stays when the webhook of a bot is deleted that another bot has replaced', () => {
  proxies.open('A', { origin, behind });
  proxies.settle('A', '1', origin);
  proxies.settle('A', '2', origin);
  proxies.close('A', '1');
  expect(network.knows(host)).toBe(true);
  proxies.close('A', '2');
  expect(network.knows(host)).toBe(false);
});

it('leaves a host alone that is served already, and an address', async () => {
  const stop = network.serve(host, (_request, response) => response.writeHead(418).end(), {
    hasCertificate: true,
  });
  proxies.open('A', { origin, behind, certificate: 'QUJD' });
  expect((await post(`${origin}/path`)).status).toBe(418);
  expect(proxies.withOwnCertificate('QUJD')).toBe('QUJD');
  stop();
  expect(notes).toEqual([]);
  proxies.open('A', { origin: 'https://8.8.8.8', behind });
  expect(network.knows('8.8.8.8')).toBe(false);
  expect(notes).toEqual([
    'https://8.8.8.8: the sandbox stands in for no proxy that has only an address',
  ]);
});
