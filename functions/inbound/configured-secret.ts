import { Environment } from '../contract.ts';
import { SHA256_HEX } from './webhook-secret.ts';

/**
 * The hash of the secret_token, as the stack has set it; undefined, after a line in the log, when it is
 * missing or no hash. For the moment the code loads: a stranger cannot make a broken receiver write
 * line after line.
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
