import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  configuredSecretSha256,
  isWebhookSecret,
} from '../../../functions/inbound/webhook-secret.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('isWebhookSecret', () => {
  it("agrees with Node's own SHA-256 for every text of 1 to 256 characters", () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 256 });
    fc.assert(
      fc.property(bytes, (characters) => {
        const text = String.fromCharCode(...characters);
        expect(isWebhookSecret(text, sha256(text))).toBe(true);
      }),
    );
  });

  it('matches no hash that differs in a single place', () => {
    const hash = sha256('secret');
    for (let i = 0; i < hash.length; i++) {
      const other = hash.slice(0, i) + (hash[i] === '0' ? '1' : '0') + hash.slice(i + 1);
      expect(isWebhookSecret('secret', other)).toBe(false);
    }
  });

  it.each(['', sha256('secret').slice(0, 63), `${sha256('secret')}0`])(
    'matches no hash of another length: %j',
    (hash) => expect(isWebhookSecret('secret', hash)).toBe(false),
  );
});

describe('configuredSecretSha256', () => {
  afterEach(() => vi.unstubAllEnvs());

  const configured = (value: string | undefined) => {
    vi.stubEnv('WEBHOOK_SECRET_SHA256', value);
    const lines: object[] = [];
    return { hash: configuredSecretSha256((line) => lines.push(line)), lines };
  };

  it('returns a hash in lower-case hexadecimal', () => {
    const hash = sha256('secret');
    expect(configured(hash)).toEqual({ hash, lines: [] });
  });

  it.each([
    [
      'a hash in upper case',
      sha256('secret').toUpperCase(),
      'not a SHA-256 in lower-case hexadecimal',
    ],
    ['a trailing newline', `${sha256('secret')}\n`, 'not a SHA-256 in lower-case hexadecimal'],
    ['an empty value', '', 'not set'],
    ['no value', undefined, 'not set'],
  ])('logs the problem and returns undefined for %s', (_, value, problem) => {
    const { hash, lines } = configured(value);
    expect(hash).toBeUndefined();
    expect(lines).toEqual([expect.objectContaining({ event: 'receiver.misconfigured', problem })]);
  });
});
