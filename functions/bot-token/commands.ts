/*
 * Commands for a person at a terminal. The token is pasted into the command's standard input, so it is
 * neither in the shell's history nor in the list of processes; bash and zsh run them alike.
 */

/** Makes the secret of that name. */
export function createSecretCommand(name: string): string {
  return `aws secretsmanager create-secret --name ${name} --secret-string file:///dev/stdin`;
}

/** Gives a secret, by name or ARN, another token. */
export function storeTokenCommand(secretId: string): string {
  return `aws secretsmanager put-secret-value --secret-id ${secretId} --secret-string file:///dev/stdin`;
}

/** How to hand the token to either command. */
export const howToPaste = 'paste the token, press Enter, then Ctrl-D';

/** Brings back a deleted secret while its recovery window is open. */
export function restoreSecretCommand(secretId: string): string {
  return `aws secretsmanager restore-secret --secret-id ${secretId}`;
}
