import { describe, expect, it } from 'vitest';
import { TokenUnavailableError } from '../../../../functions/bot-token/errors.ts';
import type { WebhookCondition } from '../../../../functions/contract.ts';
import { TelegramRefusedError } from '../../../../functions/telegram/errors.ts';
import { fakeToken } from '../../../sandbox/index.ts';
import { foreignUrl, properties, unreachable } from '../fakes.ts';
import { check, type Deployed, makeDeployed, show, showError } from './fixtures.ts';

const status = { Purpose: 'status' } as const;

function refuse(deployed: Deployed, code: number, description: string): void {
  const refused = new TelegramRefusedError('getWebhookInfo', code, description);
  deployed.telegram.faults.getWebhookInfo = () => refused;
}

describe('the diagnosis', () => {
  it.each<[WebhookCondition, RegExp, RegExp, (deployed: Deployed) => void]>([
    ['healthy', /^$/, /^$/, () => {}],
    ['missing', /has no webhook/, /npm run deploy/, (it) => show(it, { url: '' })],
    [
      'foreign',
      /delivers to old\.example/,
      /destroy this one/,
      (it) => show(it, { url: foreignUrl }),
    ],
    ['changed', /maxConnections/, /npm run deploy/, (it) => show(it, { max_connections: 1 })],
    [
      'changed',
      /allowedUpdates/,
      /npm run deploy/,
      (it) => show(it, { allowed_updates: ['poll'] }),
    ],
    [
      'changed',
      /certificate/,
      /npm run deploy/,
      (it) => show(it, { has_custom_certificate: true }),
    ],
    [
      'changed',
      /endpoint/,
      /npm run deploy/,
      (it) => show(it, { url: it.webhook.url.replace('abc123', 'gone99') }),
    ],
    [
      'out-of-sync',
      /rejects the webhook secret/,
      /npm run deploy/,
      (it) => showError(it, 'Wrong response from the webhook: 401 Unauthorized'),
    ],
    [
      'backlog',
      /1500 updates wait/,
      /npm run logs -- --stack bot-dev/,
      (it) => show(it, { pending_update_count: 1500 }),
    ],
    [
      'token-revoked',
      /does not know the token/,
      /npm run token/,
      (it) => refuse(it, 401, 'Unauthorized'),
    ],
    [
      'token-revoked',
      /does not know the token/,
      /npm run token/,
      (it) => refuse(it, 404, 'Not Found'),
    ],
    [
      'logged-out',
      /another Bot API server/,
      /telegramApiRoot/,
      (it) => refuse(it, 400, 'Logged out'),
    ],
    [
      'another-bot',
      /token of bot 42, but the stack is deployed for bot 7000000001/,
      /Store the token of bot 7000000001/,
      (it) => {
        it.secret = () => fakeToken(42);
      },
    ],
    [
      'token-changed',
      /holds a new token/,
      /npm run deploy/,
      (it) => {
        const rotated = fakeToken(7000000001, 'b');
        it.secret = () => rotated;
        show(it, { url: '' });
      },
    ],
    [
      'token-unusable',
      /does not exist, or is empty/,
      /create-secret/,
      (it) => {
        it.secret = () => {
          throw new TokenUnavailableError(
            'missing',
            'Secret x does not exist. Create it:\naws secretsmanager create-secret',
          );
        };
      },
    ],
    [
      'secret-unreachable',
      /Secrets Manager fails or does not answer/,
      /within minutes/,
      (it) => {
        it.secret = () => {
          throw new TokenUnavailableError('unreachable', 'silent');
        };
      },
    ],
    [
      'telegram-unreachable',
      /could not be checked: .*connection lost/,
      /make sure that https:\/\/api\.telegram\.org/,
      (it) => {
        it.telegram.faults.getWebhookInfo = () => unreachable('getWebhookInfo');
      },
    ],
  ])('is %s, with its cause %s and its fix %s', async (condition, cause, fix, arrange) => {
    const deployed = makeDeployed();
    arrange(deployed);
    const report = await check(deployed, status);
    expect(report).toMatchObject({
      condition,
      cause: expect.stringMatching(cause),
      fix: expect.stringMatching(fix),
    });
    expect(report.severity === 'ok').toBe(condition === 'healthy');
  });

  it.each([
    [
      'Wrong response from the webhook: 500 Internal Server Error',
      /fails on an update, or crashes/,
      /npm run logs/,
    ],
    [
      'Wrong response from the webhook: 503 Service Unavailable',
      /takes too long/,
      /Delivery\.queued/,
    ],
    ['Wrong response from the webhook: 404 Not Found', /lost the route/, /Deploy again/],
    ['Wrong response from the webhook: 410 Gone', /lost the route/, /Deploy again/],
    ['Wrong response from the webhook: 403 Forbidden', /firewall/, /without a User-Agent/],
    ['Wrong response from the webhook: 413 Payload Too Large', /larger than/, /1 MiB/],
    ['Wrong response from the webhook: 429 Too Many Requests', /throttles/, /Raise `throttle`/],
    ['Wrong response from the webhook: 302 Found', /redirects/, /without a redirect/],
    ['Wrong response from the webhook: 418', /proxy or firewall/, /allow the request/],
    ['Read timeout expired', /within 60 seconds/, /proxy/],
    ['Connection refused', /cannot connect/, /149\.154\.160\.0/],
    ['Connection timed out', /cannot connect/, /149\.154\.160\.0/],
    ['Connection reset by peer', /cannot connect/, /149\.154\.160\.0/],
    ['SSL error {error:0A000086:SSL routines::certificate verify failed}', /has expired/, /Renew/],
    [
      'SSL error {error:0A000410:SSL routines::ssl/tls alert handshake failure}',
      /cannot set up TLS/,
      /TLS 1\.2/,
    ],
    ['Failed to resolve host: Name or service not known', /cannot resolve/, /IPv4 address in DNS/],
    ['Something that is new', /reports: Something that is new/, /npm run logs/],
  ])('explains "%s"', async (message, cause, fix) => {
    const deployed = makeDeployed();
    showError(deployed, message);
    const report = await check(deployed, status);
    expect(report).toMatchObject({
      condition: 'endpoint-failing',
      severity: 'error',
      cause: expect.stringMatching(cause),
      fix: expect.stringMatching(fix),
    });
  });

  it.each([
    ['is older than three minutes', 200, 1],
    ['was followed by the delivery of everything', 10, 0],
  ])('ignores an error that %s, because a success does not clear it', async (_, age, pending) => {
    const deployed = makeDeployed();
    showError(deployed, 'Wrong response from the webhook: 500', age, pending);
    await expect(check(deployed, status)).resolves.toMatchObject({ condition: 'healthy' });
  });

  it('takes the order of update types for nothing', async () => {
    const deployed = makeDeployed();
    show(deployed, { allowed_updates: ['poll', 'message'] });
    const ResourceProperties = { ...properties, AllowedUpdates: ['message', 'poll'] };
    const report = await check(deployed, { ...status, ResourceProperties });
    expect(report.condition).toBe('healthy');
  });

  it.each([
    ['https://bot.example/bots', 'bot.example/bots'],
    ['https://bot.example:8443', 'bot.example:8443'],
  ])('knows its webhook at another endpoint, and compares it: %s', async (endpoint, declared) => {
    const deployed = makeDeployed();
    show(deployed, { url: `https://bot.example${new URL(deployed.webhook.url).pathname}` });
    const ResourceProperties = { ...properties, Endpoint: endpoint };
    const report = await check(deployed, { ...status, ResourceProperties });
    expect(report).toMatchObject({
      condition: 'changed',
      webhook: {
        isOurs: true,
        differences: [{ setting: 'endpoint', declared, actual: 'bot.example' }],
      },
    });
  });

  it('compares an address only if one is declared', async () => {
    const deployed = makeDeployed();
    show(deployed, { ip_address: '3.3.3.3' });
    await expect(check(deployed, status)).resolves.toMatchObject({ condition: 'healthy' });
    const ResourceProperties = { ...properties, IpAddress: '4.4.4.4' };
    const { webhook } = await check(deployed, { ...status, ResourceProperties });
    expect(webhook?.differences).toEqual([
      { setting: 'ipAddress', declared: '4.4.4.4', actual: '3.3.3.3' },
    ]);
  });
});

describe('a report', () => {
  it('shows the bot and the webhook to npm run status', async () => {
    const deployed = makeDeployed();
    show(deployed, { pending_update_count: 2 });
    await expect(check(deployed, status)).resolves.toEqual({
      condition: 'healthy',
      severity: 'ok',
      cause: '',
      fix: '',
      bot: {
        id: 7000000001,
        username: 'test_bot',
        name: 'Test',
        switches: expect.objectContaining({ inlineMode: false, privacyMode: true }),
      },
      webhook: {
        host: 'abc123.execute-api.us-east-1.amazonaws.com',
        isOurs: true,
        pendingUpdates: 2,
        differences: [],
      },
    });
  });

  it('holds neither the path of a webhook nor the token, whatever Telegram says', async () => {
    const deployed = makeDeployed();
    showError(deployed, `\u001b[31mfailed at ${deployed.webhook.url} and bot${deployed.token}/x\n`);
    const text = JSON.stringify(await check(deployed, status));
    expect(text).toContain('failed at <url>');
    expect(text).not.toContain(new URL(deployed.webhook.url).pathname.slice(1));
    expect(text).not.toContain(deployed.token.split(':')[1]);
    expect(text).not.toContain('\\u001b');
  });
});
