import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { hasBrowser, REBOUND_HOST } from '../browser/browser.ts';
import { PATIENCE_MS } from '../browser/tab.ts';
import { PageRun } from './page-run.ts';

/**
 * What a web page of another origin could try, as it would if it had guessed the address, `url`. Each resolves when the
 * browser is done with it.
 */
const ATTACKS = {
  'reads the events': "fetch(url + 'events')",
  'reads the events without asking for them': "fetch(url + 'events', { mode: 'no-cors' })",
  'listens to the events':
    "new Promise((done) => { new EventSource(url + 'events').onerror = done })",
  'acts by a request that needs no permission':
    "fetch(url + 'actions', { method: 'POST', mode: 'no-cors', body: action })",
  'acts by a request with JSON':
    "fetch(url + 'actions', { method: 'POST', headers: { 'content-type': 'application/json' }, body: action })",
  'acts by a form': `new Promise((done) => {
    document.body.innerHTML = '<iframe name=frame></iframe><form method=post target=frame enctype=text/plain><input>';
    const [form] = document.forms;
    form.action = url + 'actions';
    form[0].name = action.slice(0, -1) + ', "x": "';
    form[0].value = '"}';
    document.body.firstChild.onload = done;
    form.submit();
  })`,
  'frames the page': `new Promise((done) => {
    const frame = document.createElement('iframe');
    frame.onload = done;
    frame.src = url;
    document.body.append(frame);
  })`,
  'loads the page as a script': `new Promise((done) => {
    const script = document.createElement('script');
    script.onerror = script.onload = done;
    script.src = url + 'main.js';
    document.body.append(script);
  })`,
  'loads the page as an image': `new Promise((done) => {
    const image = document.createElement('img');
    image.onerror = image.onload = done;
    image.src = url + 'files/1';
    document.body.append(image);
  })`,
  'opens a window': `new Promise((done) => {
    const opened = window.open(url);
    const timer = setInterval(() => {
      try { void opened.document; } catch { clearInterval(timer); done(); }
    }, 10);
  })`,
};

describe.skipIf(!hasBrowser)('the page is refused', () => {
  let run: PageRun;
  let foreign: Server;
  beforeAll(async () => {
    run = await PageRun.start();
    foreign = createServer((_, response) => {
      response.setHeader('content-type', 'text/html').end('<!doctype html><body>');
    }).listen(0, '127.0.0.1');
    await once(foreign, 'listening');
  });
  afterAll(async () => {
    foreign?.closeAllConnections();
    foreign?.close();
    await run?.close();
  });

  /** Opens an address. A browser shows a page of its own instead of an empty error. */
  async function responseAt(url: string) {
    const page = await newPage();
    const [response] = await Promise.all([
      page.waitForEvent('response'),
      page.goto(url).catch(() => {}),
    ]);
    return response;
  }

  async function newPage() {
    const context = await run.browser.newContext();
    context.setDefaultTimeout(PATIENCE_MS);
    onTestFinished(() => context.close());
    return context.newPage();
  }

  // A port of the same machine is the same site, but another origin.
  describe.each(['127.0.0.1', 'localhost'])('to a page from another port of %s that', (host) => {
    it.each(Object.entries(ATTACKS))('%s', async (_, attack) => {
      const page = await newPage();
      const { port } = foreign.address() as AddressInfo;
      await page.goto(`http://${host}:${port}/`);
      const outcomes: string[] = [];
      const isOurs = (url: string) => url.startsWith(run.url);
      page.context().on('response', (response) => {
        if (isOurs(response.url())) outcomes.push(String(response.status()));
      });
      page.context().on('requestfailed', (request) => {
        if (isOurs(request.url())) outcomes.push('failed');
      });
      const action = JSON.stringify({ do: 'run watch', botId: 1 });
      const variables = `const url = ${JSON.stringify(run.url)}, action = ${JSON.stringify(action)};`;
      await page.evaluate(`(async () => { ${variables} await ${attack} })().catch(() => {})`);
      await expect.poll(() => outcomes, { timeout: PATIENCE_MS }).not.toEqual([]);
      expect(outcomes.filter((outcome) => outcome !== '403' && outcome !== 'failed')).toEqual([]);
    });
  });

  it.each([
    ['no token', () => '/'],
    ['a part of the token', (path: string) => `${path.slice(0, -2)}/`],
    ['a longer token', (path: string) => `${path.slice(0, -1)}A/`],
    ['another token', () => `/${'A'.repeat(43)}/`],
  ])('with %s', async (_, change) => {
    const url = new URL(run.url);
    for (const path of ['', 'events', 'main.js']) {
      const response = await responseAt(`${url.origin}${change(url.pathname)}${path}`);
      expect(response.status()).toBe(404);
      expect(response.headers()['content-length']).toBe('0');
    }
  });

  it('under a name that leads to this machine', async () => {
    const response = await responseAt(run.url.replace('127.0.0.1', REBOUND_HOST));
    expect(response.status()).toBe(421);
  });

  it('to nobody who has its address, under either of its names', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      const response = await responseAt(run.url.replace('127.0.0.1', host));
      expect(response.status()).toBe(200);
    }
  });
});
