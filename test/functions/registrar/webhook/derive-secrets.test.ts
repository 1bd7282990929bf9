import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  deriveWebhookSecrets,
  isBelow,
  webhookUrl,
} from '../../../../functions/registrar/webhook/derive-secrets.ts';
import { fakeToken } from '../../../sandbox/index.ts';

const token = fakeToken();
const registration = { stackId: 'stack', address: 'address' };

it('derives a path and a secret that API Gateway and Telegram accept', () => {
  const { path, secret } = deriveWebhookSecrets(token, registration);
  expect(path).toMatch(/^[\w-]{43}$/);
  expect(secret).toMatch(/^[\w-]{43}$/);
  expect(path).not.toBe(secret);
});

it('derives the same secrets every time', () => {
  expect(deriveWebhookSecrets(token, registration)).toEqual(
    deriveWebhookSecrets(token, { ...registration }),
  );
});

it('never changes the derivation, because that would move every deployed webhook', () => {
  expect(deriveWebhookSecrets(token, registration)).toEqual({
    path: 'DcVPSIQYMwc65RvfUDHTR8SixwhNE1DR_Sfec30jJOo',
    pathSha256: '6d5a06a48c1553aa56e9c4f0735074b0234f6e5e49c14dfd0616e87a78296b28',
    secret: '__oeHEcBnuPH9p07KWqa4WxK_CWgsa0zRtTghZn5qM8',
    secretSha256: '0a86ebac8ec802cbf7ee1b04d4ba5651505d037839a634c993dccc0481761a1f',
  });
});

it('returns the SHA-256 of path and secret as texts', () => {
  const { path, pathSha256, secret, secretSha256 } = deriveWebhookSecrets(token, registration);
  const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');
  expect([pathSha256, secretSha256]).toEqual([sha256(path), sha256(secret)]);
});

it('derives different secrets for any other token, stack or construct, however their texts are split', () => {
  const deployment = fc.record({ token: fc.string(), stackId: fc.string(), address: fc.string() });
  fc.assert(
    fc.property(deployment, deployment, (one, other) => {
      fc.pre(JSON.stringify(Object.values(one)) !== JSON.stringify(Object.values(other)));
      const [first, second] = [
        deriveWebhookSecrets(one.token, one),
        deriveWebhookSecrets(other.token, other),
      ];
      return first.path !== second.path && first.secret !== second.secret;
    }),
  );
  const pathOf = (stackId: string, address: string) =>
    deriveWebhookSecrets(token, { stackId, address }).path;
  expect(pathOf('ab', 'c')).not.toBe(pathOf('a', 'bc'));
});

it('spells the URL the way Telegram repeats it', () => {
  expect(webhookUrl('https://BOT.example:443', 'p-_1')).toBe('https://bot.example/p-_1');
  expect(webhookUrl('https://bot.example:8443', 'p')).toBe('https://bot.example:8443/p');
});

it('keeps the base path of an endpoint', () => {
  expect(webhookUrl('https://bot.example/bots/Sales', 'p')).toBe(
    'https://bot.example/bots/Sales/p',
  );
  expect(webhookUrl('https://bot.example/bots/', 'p')).toBe('https://bot.example/bots/p');
});

it.each([
  ['https://bot.example', 'https://bot.example/p', true],
  ['https://BOT.example:443', 'https://bot.example/p', true],
  ['https://bot.example/bots', 'https://bot.example/bots/p', true],
  ['https://bot.example', 'https://bot.example/bots/p', false],
  ['https://bot.example/bots', 'https://bot.example/p', false],
  ['https://bot.example/bots', 'https://bot.example/bots2/p', false],
  ['https://bot.example', 'https://bot.example:8443/p', false],
  ['https://bot.example', 'https://bot.example.evil.example/p', false],
  ['undefined', 'https://bot.example/p', false],
  ['https://bot.example', '', false],
])('knows that below %s, %s is its own webhook: %s', (endpoint, url, expected) => {
  expect(isBelow(endpoint, url)).toBe(expected);
});
