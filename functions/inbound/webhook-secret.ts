import { Environment } from '../contract.ts';
import { sha256Hex } from './sha256.ts';

/** What a request has to present, as SHA-256 in lower-case hexadecimal. */
export interface WebhookLocks {
  /** Of the webhook's secret_token. Without it, every request is refused. */
  readonly secretSha256: string | undefined;
  /** Of the last part of the path; undefined if a route of the gateway has checked it. */
  readonly pathSha256?: string;
}

/** The longest secret_token that Telegram allows. Nothing longer is worth hashing. */
const MAX_LENGTH = 256;

/** The only spelling of a SHA-256 that `isWebhookSecret` matches. */
const SHA256_HEX = /^[0-9a-f]{64}$/;

/** The secrets that have matched, by their hashes. Telegram sends the same ones with every update. */
const known = new Map<string, string>();

/**
 * Whether `presented` is the secret, or the secret path, that hashes to `expectedSha256`. The comparison takes the same time
 * wherever the two first differ. An `expectedSha256` of any other length than 64 matches nothing.
 */
export function isWebhookSecret(presented: string | undefined, expectedSha256: string): boolean {
  if (!presented || presented.length > MAX_LENGTH) return false;
  const secret = known.get(expectedSha256);
  if (secret !== undefined && isSame(presented, secret)) return true;
  const isRight = isSame(sha256Hex(presented), expectedSha256);
  if (isRight) known.set(expectedSha256, presented);
  return isRight;
}

/** Compares two texts in a time that depends only on their lengths. */
function isSame(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

/** Reads from the environment what requests have to present. A malformed hash of the path matches no path. */
export function configuredLocks(log: (line: object) => void): WebhookLocks {
  return {
    secretSha256: configuredSecretSha256(log),
    pathSha256: process.env[Environment.webhookPathSha256],
  };
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
