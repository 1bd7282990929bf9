import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Assets } from './assets.ts';
import { PageStage } from './fixtures.ts';

let stage: PageStage;

beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'page-'));
  const packages = fileURLToPath(new URL('../../../node_modules', import.meta.url));
  symlinkSync(packages, join(folder, 'node_modules'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><script src="main.js"></script>');
  writeFileSync(
    join(folder, 'main.tsx'),
    "import { render } from 'preact';\nrender(<p>Hello</p>, document.body);\n",
  );
  writeFileSync(join(folder, 'style.css'), 'p { color: teal; }\n');
  stage = await PageStage.open({ assets: new Assets(pathToFileURL(`${folder}/`)) });
});

afterEach(() => stage.close());

const json = { 'content-type': 'application/json' };
const send = () => ({ do: 'send', placeId: stage.placeId, text: 'hello' });
const said = () =>
  stage.stage.telegram.chat(stage.stage.bot.id, { id: 1001, firstName: 'You' }).messages;

describe('the page', () => {
  it('is served with its script and its styles, and with headers that let nothing else in', async () => {
    const page = await stage.request('');
    expect(page).toMatchObject({ status: 200, body: expect.stringContaining('main.js') });
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    expect(page.headers).not.toHaveProperty('access-control-allow-origin');
    const script = await stage.request('main.js');
    expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(script.body).toContain('Hello');
    expect(script.body).not.toContain('from"preact"');
    const styles = await stage.request('style.css');
    expect(styles.headers['content-type']).toBe('text/css; charset=utf-8');
    expect(styles.body).toContain('teal');
  });

  it('has a URL with 32 random bytes, and redirects to its final slash', async () => {
    const [, token = ''] = /^http:\/\/127\.0\.0\.1:\d+\/([\w-]+)\/$/.exec(stage.server.url) ?? [];
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    const reply = await stage.request(`/${token}`);
    expect(reply.status).toBe(308);
    expect(reply.headers.location).toBe(`/${token}/`);
  });
});

describe('is refused', () => {
  it.each([
    ['without the token', '/'],
    ['with another token', `/${'A'.repeat(43)}/`],
    ['with another token, for actions', `/${'A'.repeat(43)}/actions`],
    ['with another token and no slash', `/${'A'.repeat(43)}`],
    ['for another file', 'server.ts'],
    ['for a file of the machine', 'files/..%2f..%2f..%2fetc%2fpasswd'],
    ['for a file above', 'files/a/../../../main.js'],
    ['for a property of objects', 'constructor'],
    ['for an unknown file of a chat', 'files/BQACAgIAAxk_photo_0_x'],
  ])('a path %s', async (_, path) => {
    const { status, body } = await stage.request(path);
    expect({ status, body }).toEqual({ status: 404, body: '' });
  });

  it.each([
    ['another host, as with DNS rebinding', { host: 'evil.example.com' }, 421],
    ['a host with another port', { host: '127.0.0.1:1' }, 421],
    ['a host without a port', { host: '127.0.0.1' }, 421],
    ['another site', { origin: 'https://evil.example.com' }, 403],
    ['a sandboxed frame or a file', { origin: 'null' }, 403],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }, 403],
    ['another site, without its name', { 'sec-fetch-site': 'cross-site' }, 403],
    ['another port, without its name', { 'sec-fetch-site': 'same-site' }, 403],
  ])('a request from %s', async (_, headers, status) => {
    const body = JSON.stringify(send());
    const paths = ['', 'events', 'main.js', 'actions'];
    for (const path of paths) {
      const method = path === 'actions' ? 'POST' : 'GET';
      const reply = await stage.request(path, { method, headers: { ...json, ...headers }, body });
      expect({ path, status: reply.status, body: reply.body }).toEqual({ path, status, body: '' });
    }
    expect(said()).toEqual([]);
  });

  it.each([
    ['without a content type', {}, 'POST', 415],
    ['that a form can send', { 'content-type': 'text/plain' }, 'POST', 415],
    ['that is no POST', json, 'GET', 405],
    ['that asks the browser first', json, 'OPTIONS', 405],
  ])('an action %s', async (_, headers, method, status) => {
    const body = JSON.stringify(send());
    const reply = await stage.request('actions', { method, headers, body });
    expect(reply.status).toBe(status);
    expect(said()).toEqual([]);
  });

  it('an action that is not JSON', async () => {
    const reply = await stage.request('actions', { method: 'POST', headers: json, body: '{' });
    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.body)).toEqual({ ok: false, error: 'The action is not JSON.' });
  });

  it('a body of more than 20 MB, announced or not', async () => {
    const body = Buffer.alloc(20 * 1024 * 1024 + 1, ' ');
    for (const headers of [json, { ...json, 'transfer-encoding': 'chunked' }]) {
      const reply = await stage.request('actions', { method: 'POST', headers, body });
      expect(reply.status).toBe(413);
      expect(JSON.parse(reply.body).error).toMatch(/^The file is too large/);
    }
  });

  it('a POST of anything but actions', async () => {
    const reply = await stage.request('events', { method: 'POST', headers: json, body: '{}' });
    expect(reply).toMatchObject({ status: 405, headers: { allow: 'GET' } });
  });
});

it('takes what its own page sends, by either name of this machine', async () => {
  const { port } = new URL(stage.server.url);
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`]) {
    const headers = { ...json, host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' };
    const reply = await stage.request('actions', {
      ...{ method: 'POST', headers, body: JSON.stringify(send()) },
    });
    expect(JSON.parse(reply.body)).toEqual({ ok: true });
  }
  expect(said()).toHaveLength(2);
});
