import { parseSecretId } from './secret-id.ts';

/*
 * Commands for a person at a terminal. The token is pasted into the command's standard input, so it enters
 * neither the shell's history nor the list of processes. They work in bash and zsh.
 */

/** Returns the command that creates a secret, given by name or by the ARN that it had. */
export function createSecretCommand(secretId: string): string {
  const { name, region } = parseSecretId(secretId);
  return command('create-secret', `--name ${name} --secret-string file:///dev/stdin`, region);
}

/** Returns the command that stores a token in a secret, given by name or ARN. */
export function storeTokenCommand(secretId: string): string {
  const { region } = parseSecretId(secretId);
  const options = `--secret-id ${secretId} --secret-string file:///dev/stdin`;
  return command('put-secret-value', options, region);
}

/** How to give the token to either command. */
export const howToPaste = 'paste the token, press Enter, then Ctrl-D';

/** Returns the command that restores a deleted secret while its recovery window is open. */
export function restoreSecretCommand(secretId: string): string {
  return command('restore-secret', `--secret-id ${secretId}`, parseSecretId(secretId).region);
}

/** Writes a command. The AWS CLI, like the SDK, does not follow the region in an ARN. */
function command(operation: string, options: string, region: string | undefined): string {
  return `aws secretsmanager ${operation} ${options}${region ? ` --region ${region}` : ''}`;
}
