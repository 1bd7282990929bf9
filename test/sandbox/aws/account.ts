/** The sandbox has one account and one region. */
export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';

export function arnOf(service: string, resource: string): string {
  return `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
}

/** Returns random characters, as in AWS's own ids. Do not use them as secrets. */
export function randomId(
  length: number,
  alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789',
): string {
  const pick = () => alphabet[Math.floor(Math.random() * alphabet.length)];
  return Array.from({ length }, pick).join('');
}
