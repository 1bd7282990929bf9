/**
 * - `missing`: there is no such secret, or it is waiting to be deleted, or it never got a value
 * - `denied`: AWS does not let this role read it
 * - `unusable`: it holds something that is not a bot token
 * - `unreachable`: Secrets Manager is throttling, failing or silent; the one that may pass by itself
 */
export type TokenProblem = 'missing' | 'denied' | 'unusable' | 'unreachable';

/** The bot token could not be read. The message says what to do, and never what the secret holds. */
export class TokenUnavailableError extends Error {
  readonly reason: TokenProblem;

  constructor(reason: TokenProblem, message: string) {
    super(message);
    this.name = 'TokenUnavailable';
    this.reason = reason;
  }
}
