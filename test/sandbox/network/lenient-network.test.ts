import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, it, onTestFinished } from 'vitest';
import { Leniency } from '../leniency.ts';
import { LocalNetwork } from './local-network.ts';

const telegram = 'api.telegram.org';

const notes: string[] = [];
let lenient: LocalNetwork;

afterEach(async () => {
  notes.length = 0;
  await lenient.close();
});

/** Runs a module that prints JSON, on a lenient network where every real name has the address 127.0.0.1. */
async function runLenient(code: string, isOnline: boolean, refused?: URL): Promise<unknown> {
  lenient = await LocalNetwork.open(undefined, {
    leniency: new Leniency((text) => notes.push(text)),
    isOnline,
  });
  lenient.serve(telegram, (_request, response) => response.end('the local one'));
  if (refused) lenient.refuse(refused);
  const resolver = join(mkdtempSync(join(tmpdir(), 'resolver-')), 'resolver.cjs');
  writeFileSync(
    resolver,
    `require('node:dns').promises.lookup = async (host, options) =>      {
      const address = host === 'metadata.example' ? '169.254.169.254' : '127.0.0.1';
      return options?.all ? [{ address, family: 4 }] : { address, family: 4 };
    };`,
  );
  const { NODE_OPTIONS, ...environment } = lenient.childEnvironment();
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', code],
    { env: { ...environment, NODE_OPTIONS: `--require ${resolver} ${NODE_OPTIONS}` } },
  );
  lenient.noteUnreachable();
  return JSON.parse(stdout);
}

const causes = (...urls: string[]) => `
  const causes = [];
  for (const url of ${JSON.stringify(urls)}) {
    await fetch(url).catch(({ cause }) => causes.push(cause.code + ' ' + cause.message));
  }
  console.log(JSON.stringify(causes));`;

it('learns why a host is not reachable, and the user once for each host', async () => {
  const offline =
    'example.com is not reachable: npm start is offline; npm start -- --online lets the bot reach the internet';
  const s3 =
    'files.s3.eu-west-1.amazonaws.com is not reachable: the sandbox does not emulate the AWS service s3; ' +
    'npm start -- --online lets the bot reach it, with credentials of its own';
  const urls = [
    'https://example.com',
    'https://example.com/2',
    'https://files.s3.eu-west-1.amazonaws.com',
  ];
  expect(await runLenient(causes(...urls), false)).toEqual(
    [offline, offline, s3].map((message) => `ENOTFOUND ${message}`),
  );
  expect(notes).toEqual([offline, s3]);
});

it('reaches the internet when it is online, and the local hosts as before', async () => {
  const outcome = await runLenient(
    `
    import { createServer } from 'node:http';
    const server = createServer((_request, response) => response.end('the internet'));
    server.listen(0, '127.0.0.1', async () => {
      const url = 'http://example.com:' + server.address().port;
      const answers = [await fetch(url), await fetch('https://${telegram}/')];
      console.log(JSON.stringify(await Promise.all(answers.map((answer) => answer.text()))));
      server.close();
      process.exit();
    });`,
    true,
  );
  expect(outcome).toEqual(['the internet', 'the local one']);
  expect(notes).toEqual([]);
});

it('never reaches what the sandbox emulates, nor credentials of this machine, when it is online', async () => {
  const hosts = [
    'sqs.ap-south-1.amazonaws.com',
    'gone.execute-api.us-east-1.amazonaws.com',
    '169.254.169.254',
    '[::ffff:169.254.169.254]',
    '[fe80::1]',
    'metadata.example',
  ];
  const failed = await runLenient(causes(...hosts.map((host) => `https://${host}/`)), true);
  expect(failed).toEqual([
    expect.stringContaining("serves it only in the regions of the app's stacks"),
    expect.stringContaining('no HTTP API has this name'),
    expect.stringContaining('hand out credentials of this machine'),
    expect.stringContaining('hand out credentials of this machine'),
    expect.stringContaining('hand out credentials of this machine'),
    expect.stringContaining('hand out credentials of this machine'),
  ]);
  expect(notes).toHaveLength(5);
});

it('does not reach a server of this machine that is refused, by any name, but others', async () => {
  const servers = ['refused', 'open'].map((text) =>
    createServer((_request, response) => response.end(text)).listen(0, '127.0.0.1'),
  );
  await Promise.all(servers.map((server) => once(server, 'listening')));
  onTestFinished(() => {
    for (const server of servers) server.close();
  });
  const [refused, open] = servers.map((server) => (server.address() as AddressInfo).port);
  const hosts = ['127.0.0.1', 'LOCALHOST.', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0', '127.9.9.9'];
  const answers = await runLenient(
    `
    const urls = ${JSON.stringify(hosts.map((host) => `http://${host}:${refused}/`))};
    const get = (url) => fetch(url).then((answer) => answer.text(), ({ cause }) => cause.message);
    console.log(JSON.stringify(await Promise.all([...urls, 'http://127.0.0.1:${open}/'].map(get))));`,
    true,
    new URL(`http://localhost:${refused}`),
  );
  const why =
    ' is not reachable: with --live, the bot calls https://api.telegram.org, and npm start passes its calls on to ' +
    'this server';
  expect(answers).toEqual([...hosts.map(() => expect.stringContaining(why)), 'open']);
  expect(new Set(notes)).toContain(`localhost${why}`);
});

it('leads to the local host by any spelling of its name, also when it is online', async () => {
  const found = await runLenient(
    `
    import https from 'node:https';
    import { text } from 'node:stream/consumers';
    const get = (options) => new Promise((resolve) => {
      https.get(options, (answer) => resolve(text(answer))).on('error', ({ code }) => resolve(code));
    });
    console.log(JSON.stringify(await Promise.all([
      fetch('https://API.Telegram.org.:443/').then((answer) => answer.text()),
      get('https://${telegram}./'),
      get({ host: 'ＡPI.telegram。org', headers: { host: '${telegram}' } }),
      get({ host: '203.0.113.7', servername: '${telegram}', headers: { host: '${telegram}' } }),
      get({ host: '203.0.113.7', headers: { host: '${telegram}' } }),
      get({ host: '${telegram}.', port: 8443 }),
      get({ host: '203.0.113.7', port: 8443, servername: '${telegram}' }),
    ])));`,
    true,
  );
  expect(found).toEqual([...Array(5).fill('the local one'), 'ECONNREFUSED', 'ECONNREFUSED']);
});
