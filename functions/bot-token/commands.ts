import { parseSecretId } from './secret-id.ts';

/**
 * Returns the command that stores a token in a secret, given by name or ARN, and creates or restores the secret if
 * need be. It asks for the token, which therefore enters neither the shell's history nor the list of processes, and it
 * is the same in every shell. The region of a name is the one of the function that writes the message.
 */
export function storeTokenCommand(secretId: string): string {
  const region = parseSecretId(secretId).region ? undefined : process.env.AWS_REGION;
  return `npm run token -- --secret ${secretId}${region ? ` --region ${region}` : ''}`;
}
