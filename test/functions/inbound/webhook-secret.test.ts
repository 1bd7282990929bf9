import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWebhookSecret, SHA256_HEX } from '../../../functions/inbound/webhook-secret.ts';

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

describe('SHA256_HEX', () => {
  it('knows the one spelling that can match', () => {
    expect(sha256('secret')).toMatch(SHA256_HEX);
    expect(sha256('secret').toUpperCase()).not.toMatch(SHA256_HEX);
    expect(`${sha256('secret')}\n`).not.toMatch(SHA256_HEX);
    expect('').not.toMatch(SHA256_HEX);
  });
});
