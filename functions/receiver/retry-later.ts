export interface RetryLaterOptions extends ErrorOptions {
  /** The shortest wait before the next attempt, in seconds: 1 to 43200 (12 hours). */
  readonly seconds: number;
}

/**
 * Throw this from a bot when a service that it needs is down, or asks for a pause. Behind a queue the update waits at
 * least `seconds`, and as long as after any other outage; with direct delivery Telegram is asked to wait `seconds`
 * (at most an hour).
 *
 * @example
 * if (response.status === 429) {
 *   throw new RetryLaterError('The weather service asks for a pause', { seconds: 60 });
 * }
 */
export class RetryLaterError extends Error {
  readonly seconds: number;

  constructor(message: string, { seconds, ...options }: RetryLaterOptions) {
    super(message, options);
    this.name = 'RetryLaterError';
    this.seconds = Math.min(Math.max(Math.ceil(seconds) || 1, 1), 43_200);
  }
}
