/*
 * Commands for a person at a terminal. The token is pasted into the command's standard input, so it enters
 * neither the shell's history nor the list of processes. They work in bash and zsh.
 */

/** Returns the command that creates a secret with this name. */
export function createSecretCommand(name: string): string {
  return `aws secretsmanager create-secret --name ${name} --secret-string file:///dev/stdin`;
}

/** Returns the command that stores a token in a secret, given by name or ARN. */
export function storeTokenCommand(secretId: string): string {
  return `aws secretsmanager put-secret-value --secret-id ${secretId} --secret-string file:///dev/stdin`;
}

/** How to give the token to either command. */
export const howToPaste = 'paste the token, press Enter, then Ctrl-D';

/** Returns the command that restores a deleted secret while its recovery window is open. */
export function restoreSecretCommand(secretId: string): string {
  return `aws secretsmanager restore-secret --secret-id ${secretId}`;
}
