// Not node:crypto: loading it adds about 10 ms to a cold start, this about half a millisecond.
import { sha256 } from '@noble/hashes/sha2.js';
import { Environment } from '../contract.ts';

/** The longest secret_token that Telegram allows. Nothing longer is worth hashing. */
const MAX_LENGTH = 256;

/** The only spelling of a SHA-256 that `isWebhookSecret` matches. */
const SHA256_HEX = /^[0-9a-f]{64}$/;

/**
 * Whether `presented` is the secret that hashes to `expectedSha256`. The comparison takes the same time
 * wherever the hashes first differ. An `expectedSha256` of any other length than 64 matches nothing.
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

/**
 * Reads the hash of the secret_token from the environment. If it is missing or malformed, logs that and
 * returns undefined. Call this once, at load time, so that requests to a misconfigured receiver do not each
 * write a log line.
 */
export function configuredSecretSha256(log: (line: object) => void): string | undefined {
  const value = process.env[Environment.webhookSecretSha256];
  if (value && SHA256_HEX.test(value)) return value;
  log({
    event: 'receiver.misconfigured',
    variable: Environment.webhookSecretSha256,
    problem: value ? 'not a SHA-256 in lower-case hexadecimal' : 'not set',
    effect: 'every request is refused with 401',
  });
  return undefined;
}
