import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../clock.ts';
import { TelegramFixture, WEBHOOK_HOST, WEBHOOK_URL } from './fixtures.ts';

let stage: TelegramFixture;
beforeEach(async () => {
  stage = await TelegramFixture.open();
  stage.network.serve(WEBHOOK_HOST, (_, response) => response.end());
});
afterEach(() => stage.close());

const webhook = () => stage.telegram.webhook(stage.bot.id);
const refused = (code: number, description: string) => ({
  status: code,
  answer: { ok: false, error_code: code, description },
});
const done = (description: string) => ({
  status: 200,
  answer: { ok: true, result: true, description },
});

describe('setWebhook', () => {
  it('sets a webhook with defaults', async () => {
    expect(await stage.setWebhook()).toMatchObject(done('Webhook was set'));
    expect(webhook()).toMatchObject({
      url: WEBHOOK_URL,
      maxConnections: 40,
      secretToken: '',
      fixedIp: undefined,
      certificate: undefined,
      allowedUpdates: undefined,
    });
  });

  it('accepts every setting', async () => {
    await stage.setWebhook({
      max_connections: 7,
      secret_token: 'S-_1',
      ip_address: '8.8.8.8',
      allowed_updates: ['message', 'chat_member'],
    });
    expect(webhook()).toMatchObject({
      maxConnections: 7,
      secretToken: 'S-_1',
      fixedIp: '8.8.8.8',
      ipAddress: '8.8.8.8',
      allowedUpdates: ['message', 'chat_member'],
    });
  });

  it('accepts every setting from a form, and the certificate byte for byte', async () => {
    const certificate = Buffer.from([0, 1, 13, 10, 255]);
    await stage.upload('setWebhook', {
      url: WEBHOOK_URL,
      certificate,
      max_connections: '7',
      allowed_updates: '["message"]',
    });
    expect(webhook()).toMatchObject({
      certificate,
      maxConnections: 7,
      allowedUpdates: ['message'],
    });
  });

  it('ignores a certificate that is a plain string', async () => {
    expect(await stage.setWebhook({ certificate: 'PEM' })).toMatchObject(done('Webhook was set'));
    expect(webhook()?.certificate).toBeUndefined();
  });

  it.each([
    [500, 100],
    [0, 1],
    [-1, 1],
  ])('clamps max_connections %i to %i', async (asked, kept) => {
    await stage.setWebhook({ max_connections: asked });
    expect(webhook()?.maxConnections).toBe(kept);
  });

  it('reads null as the secret "null"', async () => {
    await stage.setWebhook({ secret_token: null });
    expect(webhook()?.secretToken).toBe('null');
  });

  it('sets a webhook without checking that the endpoint answers', async () => {
    stage.network.serve(WEBHOOK_HOST, (_, response) => response.destroy());
    expect(await stage.setWebhook()).toMatchObject(done('Webhook was set'));
  });

  it('reads a URL without a scheme as HTTPS', async () => {
    expect(await stage.setWebhook({ url: WEBHOOK_HOST })).toMatchObject(done('Webhook was set'));
  });

  it.each(['80', '88', '443', '8443'])('accepts port %s', async (port) => {
    const url = `https://${WEBHOOK_HOST}:${port}/`;
    expect(await stage.setWebhook({ url })).toMatchObject(done('Webhook was set'));
  });

  it('removes the webhook when the url is empty', async () => {
    await stage.setWebhook();
    expect(await stage.call('setWebhook', { url: '' })).toMatchObject(done('Webhook was deleted'));
    expect(webhook()).toBeUndefined();
  });

  it.each([
    ['has another content type', 'text/plain', JSON.stringify({ url: WEBHOOK_URL })],
    ['is broken JSON', 'application/json', `{"url":${WEBHOOK_URL}}`],
  ])('removes the webhook when the body %s', async (_, contentType, body) => {
    await stage.setWebhook();
    const headers = { 'content-type': contentType };
    const answer = await stage.request(`/bot${stage.token}/setWebhook`, { headers, body });
    expect(answer).toMatchObject(done('Webhook was deleted'));
    expect(webhook()).toBeUndefined();
  });
});

describe('a setWebhook call within a second of the last one', () => {
  beforeEach(() => stage.setWebhook());
  const tooMany = refused(429, 'Too Many Requests: retry after 1');

  it('is refused, in the answer and in a header, even if it would change nothing', async () => {
    const response = await stage.call('setWebhook', { url: WEBHOOK_URL });
    expect(response).toMatchObject(tooMany);
    expect(response.answer).toMatchObject({ parameters: { retry_after: 1 } });
    expect(response.headers['retry-after']).toBe('1');
  });

  it('leaves the webhook as it is', async () => {
    await stage.call('setWebhook', { url: `https://${WEBHOOK_HOST}/other` });
    expect(webhook()?.url).toBe(WEBHOOK_URL);
  });

  it('is allowed again a second after the last call that was not refused', async () => {
    await stage.clock.advance(999);
    expect(await stage.call('setWebhook', { url: WEBHOOK_URL })).toMatchObject(tooMany);
    await stage.clock.advance(1);
    expect((await stage.call('setWebhook', { url: WEBHOOK_URL })).status).toBe(200);
  });

  it('is allowed to remove the webhook', async () => {
    expect((await stage.call('setWebhook', { url: '' })).status).toBe(200);
    expect((await stage.call('deleteWebhook')).status).toBe(200);
  });
});

describe('a setWebhook call with the current settings', () => {
  const settings = { max_connections: 7, secret_token: 'S', ip_address: '8.8.8.8' };
  beforeEach(() => stage.setWebhook(settings));
  const already = done('Webhook is already set');

  it('changes nothing', async () => {
    expect(await stage.setWebhook(settings)).toMatchObject(already);
  });

  it('still applies allowed_updates', async () => {
    const named = { ...settings, allowed_updates: ['message'] };
    expect(await stage.setWebhook(named)).toMatchObject(already);
    expect(webhook()?.allowedUpdates).toEqual(['message']);
  });

  it.each([
    ['another url', { url: `${WEBHOOK_URL}&b=2` }],
    ['another max_connections', { max_connections: 8 }],
    ['another secret', { secret_token: 'T' }],
    ['another fixed IP', { ip_address: '8.8.4.4' }],
    ['no fixed IP', { ip_address: '' }],
    ['drop_pending_updates', { drop_pending_updates: true }],
  ])('sets the webhook again for %s', async (_, change) => {
    expect(await stage.setWebhook({ ...settings, ...change })).toMatchObject(
      done('Webhook was set'),
    );
  });

  it('sets the webhook again for every certificate', async () => {
    const fields = { url: WEBHOOK_URL, certificate: Buffer.from('PEM') };
    for (let i = 0; i < 2; i++) {
      await stage.clock.advance(1000);
      expect(await stage.upload('setWebhook', fields)).toMatchObject(done('Webhook was set'));
    }
  });
});

describe('a refused setWebhook call', () => {
  const bad = (problem: string) => refused(400, `Bad Request: ${problem}`);
  const badWebhook = (problem: string) => bad(`bad webhook: ${problem}`);

  it.each([
    ['a URL without a host', { url: 'https://' }, bad('invalid webhook URL specified')],
    [
      'an unsupported scheme',
      { url: 'ftp://bot.example.com' },
      bad('invalid webhook URL specified'),
    ],
    ['a port out of range', { url: 'https://x:70000/' }, bad('invalid webhook URL specified')],
    [
      'a secret that is too long',
      { secret_token: 'x'.repeat(257) },
      bad('secret token is too long'),
    ],
    [
      'a secret with other characters',
      { secret_token: 'ö' },
      bad('secret token contains unallowed characters'),
    ],
    [
      'plain HTTP',
      { url: `http://${WEBHOOK_HOST}/` },
      badWebhook('An HTTPS URL must be provided for webhook'),
    ],
    [
      'a forbidden port',
      { url: `https://${WEBHOOK_HOST}:8080/` },
      badWebhook('Webhook can be set up only on ports 80, 88, 443 or 8443'),
    ],
    [
      'a forbidden port, before the host is looked up',
      { url: 'https://nowhere.example.com:8080/' },
      badWebhook('Webhook can be set up only on ports 80, 88, 443 or 8443'),
    ],
    ['a reserved IP', { ip_address: '127.0.0.1' }, badWebhook('IP address 127.0.0.1 is reserved')],
    [
      'a reserved IP in the URL',
      { url: 'https://10.1.2.3/' },
      badWebhook('IP address 10.1.2.3 is reserved'),
    ],
    [
      'an IPv6 address',
      { ip_address: '2001:db8::1' },
      badWebhook('IPv6-only addresses are not allowed'),
    ],
    [
      'an IPv6 address in the URL',
      { url: 'https://[2001:db8::1]/' },
      badWebhook('IPv6-only addresses are not allowed'),
    ],
    ['an invalid IP address', { ip_address: null }, badWebhook('Invalid IP address specified')],
    [
      'a host that does not resolve',
      { url: 'https://nowhere.example.com/' },
      badWebhook('Failed to resolve host: Name or service not known'),
    ],
  ])('removes the old webhook and reports %s', async (_, parameters, answer) => {
    await stage.setWebhook();
    expect(await stage.setWebhook(parameters)).toMatchObject(answer);
    expect(webhook()).toBeUndefined();
  });

  it('reports a certificate over 3 MiB, but not one of 3 MiB', async () => {
    const certificate = Buffer.alloc(3 * 1024 * 1024 + 1, 'x');
    const upload = (bytes: Buffer) =>
      stage.upload('setWebhook', { url: WEBHOOK_URL, certificate: bytes });
    expect(await upload(certificate)).toMatchObject(
      bad(`certificate size is too big (${certificate.length} bytes)`),
    );
    await stage.clock.advance(1000);
    expect(await upload(certificate.subarray(1))).toMatchObject(done('Webhook was set'));
  });

  it('reports the URL before the secret, and the secret before the certificate', async () => {
    const fields = { secret_token: '!', certificate: Buffer.alloc(3 * 1024 * 1024 + 1) };
    expect(await stage.upload('setWebhook', { ...fields, url: 'https://' })).toMatchObject(
      bad('invalid webhook URL specified'),
    );
    await stage.clock.advance(1000);
    expect(await stage.upload('setWebhook', { ...fields, url: WEBHOOK_URL })).toMatchObject(
      bad('secret token contains unallowed characters'),
    );
  });

  it('drops pending updates before it is refused', async () => {
    stage.bot.chatWith({ id: 1, firstName: 'Ada' }).send('hello');
    await stage.setWebhook({ url: 'https://', drop_pending_updates: true });
    expect(await stage.info()).toMatchObject({ pending_update_count: 0 });
  });

  it.each([
    ['keeps allowed_updates when the URL is refused', 'https://', undefined],
    [
      'changes allowed_updates when the host is refused',
      'https://nowhere.example.com',
      ['message'],
    ],
  ])('%s', async (_, url, kept) => {
    await stage.setWebhook({ url, allowed_updates: ['message'] });
    expect((await stage.info()).allowed_updates).toEqual(kept);
  });
});

describe('a setWebhook call while another one looks up its host', () => {
  const terminated = refused(409, 'Conflict: terminated by other setWebhook');
  let lookUps: string[];
  beforeEach(() => {
    lookUps = [];
    stage.telegram.resolver.override = (host) => {
      lookUps.push(host);
      return host === 'slow.example.com' ? new Promise(() => {}) : undefined;
    };
  });
  async function setSlowly(parameters: object = {}) {
    const before = lookUps.length;
    const answer = stage.setWebhook({ url: 'https://slow.example.com', ...parameters });
    while (lookUps.length === before) await settle();
    return { answer };
  }

  it('ends the other call with 409', async () => {
    const slow = await setSlowly();
    expect(await stage.setWebhook()).toMatchObject(done('Webhook was set'));
    expect(await slow.answer).toMatchObject(terminated);
    expect(webhook()?.url).toBe(WEBHOOK_URL);
  });

  it('ends the other call every time, even when both ask for the same', async () => {
    const first = await setSlowly();
    const second = await setSlowly();
    expect(await first.answer).toMatchObject(terminated);
    const third = await setSlowly();
    expect(await second.answer).toMatchObject(terminated);
    await stage.call('deleteWebhook');
    await third.answer;
  });

  it('is also ended by deleteWebhook', async () => {
    const slow = await setSlowly();
    expect(await stage.call('deleteWebhook')).toMatchObject(done('Webhook was deleted'));
    expect(await slow.answer).toMatchObject(terminated);
    expect(webhook()).toBeUndefined();
  });
});

describe('the lookup of the host', () => {
  const failed = 'Bad Request: bad webhook: Failed to resolve host: Name or service not known';

  it('caches a failure for five minutes, although the host comes up in the meantime', async () => {
    const url = 'https://late.example.com/';
    expect((await stage.setWebhook({ url })).answer).toMatchObject({ description: failed });
    stage.network.serve('late.example.com', (_, response) => response.end());
    await stage.clock.advance(5 * 60_000 - 1001);
    expect((await stage.setWebhook({ url })).answer).toMatchObject({ description: failed });
    expect(await stage.setWebhook({ url })).toMatchObject(done('Webhook was set'));
  });

  it('can be made to fail for a while, as name servers do for new names', async () => {
    const recoversAt = stage.clock.now() + 2 * 60_000;
    stage.telegram.resolver.override = () => (stage.clock.now() < recoversAt ? null : undefined);
    expect((await stage.setWebhook()).answer).toMatchObject({ description: failed });
    await stage.clock.advance(3 * 60_000);
    expect((await stage.setWebhook()).answer).toMatchObject({ description: failed });
    await stage.clock.advance(2 * 60_000);
    expect(await stage.setWebhook()).toMatchObject(done('Webhook was set'));
  });

  it('is skipped when the IP is fixed', async () => {
    const url = 'https://nowhere.example.com/';
    expect(await stage.setWebhook({ url, ip_address: '8.8.8.8' })).toMatchObject(
      done('Webhook was set'),
    );
  });

  it('fails the call when it finds a reserved or an IPv6 address', async () => {
    stage.telegram.resolver.override = () => '192.168.0.1';
    expect((await stage.setWebhook()).answer).toMatchObject({
      description: 'Bad Request: bad webhook: IP address 192.168.0.1 is reserved',
    });
    stage.telegram.resolver.override = () => '2001:db8::1';
    expect((await stage.setWebhook()).answer).toMatchObject({
      description: 'Bad Request: bad webhook: IPv6-only addresses are not allowed',
    });
  });
});

describe('allowed_updates', () => {
  it('keeps its value when left out, even after the webhook is deleted', async () => {
    await stage.setWebhook({ allowed_updates: ['message'] });
    await stage.call('deleteWebhook');
    await stage.setWebhook();
    expect(webhook()?.allowedUpdates).toEqual(['message']);
  });

  it('returns to the default set for an empty list', async () => {
    await stage.setWebhook({ allowed_updates: ['message'] });
    await stage.setWebhook({ allowed_updates: [] });
    expect(await stage.info()).not.toHaveProperty('allowed_updates');
  });

  it('ignores unknown names', async () => {
    await stage.setWebhook({ allowed_updates: ['message', 'nonsense'] });
    expect(webhook()?.allowedUpdates).toEqual(['message']);
  });

  it('keeps its value for anything that is not a list of names', async () => {
    await stage.setWebhook({ allowed_updates: ['message'] });
    await stage.setWebhook({ allowed_updates: 'poll', max_connections: 2 });
    await stage.setWebhook({ allowed_updates: [1], max_connections: 3 });
    expect(webhook()).toMatchObject({ maxConnections: 3, allowedUpdates: ['message'] });
  });
});
