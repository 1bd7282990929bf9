import { randomInt } from 'node:crypto';

/** In strict mode, the sandbox has one account, and one region for everything except secrets. */
export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';
/** The regions in which an app's secrets may be. The network has certificates for them. */
export const SECRET_REGIONS: readonly string[] = [REGION, 'eu-west-1'];

/** The account and the region of a stack and its resources. */
export interface Location {
  readonly account: string;
  readonly region: string;
}

/** Where stacks without an environment of their own are deployed. In strict mode, that is every stack. */
export const HOME: Location = { account: ACCOUNT, region: REGION };

export function arnOf(service: string, resource: string, { account, region } = HOME): string {
  return `arn:aws:${service}:${region}:${account}:${resource}`;
}

/** Returns the location in an ARN; what a global service leaves empty is that of `HOME`. */
export function locationOf(arn: string): Location {
  const [, , , region, account] = arn.split(':');
  return { account: account || ACCOUNT, region: region || REGION };
}

/** Returns a name that is unique in all locations: the name itself at home, and the ARN elsewhere. */
export function addressOf(
  service: string,
  name: string,
  { location, prefix = '' }: { location: Location; prefix?: string },
): string {
  const isHome = location.account === ACCOUNT && location.region === REGION;
  return isHome || name.startsWith('arn:') ? name : arnOf(service, prefix + name, location);
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
