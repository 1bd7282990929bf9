// Not node:crypto: loading it costs a cold start about 10 ms, this about half a millisecond.
import { sha256 } from '@noble/hashes/sha2.js';

/** Telegram's secret_token has 1 to 256 characters: anything else is not worth a hash. */
const MAX_LENGTH = 256;

/** A SHA-256 in the one spelling that `isWebhookSecret` compares with. */
export const SHA256_HEX = /^[0-9a-f]{64}$/;

/**
 * Whether `presented` is the secret that hashes to `expectedSha256`. The comparison takes the same
 * time wherever the hashes first differ; one of another length than 64 matches nothing.
 */
export function isWebhookSecret(presented: string | undefined, expectedSha256: string): boolean {
  if (!presented || presented.length > MAX_LENGTH) return false;
  const actual = Buffer.from(sha256(Buffer.from(presented))).toString('hex');
  let difference = actual.length ^ expectedSha256.length;
  for (let i = 0; i < actual.length; i++) {
    difference |= actual.charCodeAt(i) ^ expectedSha256.charCodeAt(i);
  }
  return difference === 0;
}
