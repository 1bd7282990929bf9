import { randomInt } from 'node:crypto';

/** The sandbox has one account, and one region for everything except secrets. */
export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';
/** The regions in which an app's secrets may be. The network has certificates for them. */
export const SECRET_REGIONS: readonly string[] = [REGION, 'eu-west-1'];

export function arnOf(service: string, resource: string, region = REGION): string {
  return `arn:aws:${service}:${region}:${ACCOUNT}:${resource}`;
}

/**
 * Returns random characters, as in AWS's own ids. They are unpredictable, because credentials and signed
 * URLs are made of them, and every program on this machine can reach the sandbox's port.
 */
export function randomId(
  length: number,
  alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789',
): string {
  const pick = () => alphabet[randomInt(alphabet.length)];
  return Array.from({ length }, pick).join('');
}
