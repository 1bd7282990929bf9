/*
 * Commands for a person at a terminal. The token is pasted into the command's standard input, so it enters
 * neither the shell's history nor the list of processes. They work in bash and zsh.
 */

/** Creates the secret with that name. */
export function createSecretCommand(name: string): string {
  return `aws secretsmanager create-secret --name ${name} --secret-string file:///dev/stdin`;
}

/** Stores another token in a secret, given by name or ARN. */
export function storeTokenCommand(secretId: string): string {
  return `aws secretsmanager put-secret-value --secret-id ${secretId} --secret-string file:///dev/stdin`;
}

/** How to give the token to either command. */
export const howToPaste = 'paste the token, press Enter, then Ctrl-D';

/** Restores a deleted secret while its recovery window is open. */
export function restoreSecretCommand(secretId: string): string {
  return `aws secretsmanager restore-secret --secret-id ${secretId}`;
}
