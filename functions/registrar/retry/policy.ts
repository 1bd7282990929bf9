import { TokenUnavailableError } from '../../bot-token/errors.ts';
import { classify } from '../../telegram/classify.ts';
import type { RetryPolicy } from './retry.ts';
import { POLICY_PROPAGATION_MS } from './time-budget.ts';

/** Retries the failures of a Bot API call that can pass without a change. */
export const telegramRetryPolicy: RetryPolicy = (error) => {
  const failure = classify(error);
  switch (failure?.kind) {
    case 'rate-limited':
      return { delayMs: failure.retryAfterMs };
    case 'unavailable':
    case 'interrupted':
    case 'unresolved-host':
      return {};
    default:
      return 'stop';
  }
};

/** Retries reading the token while Secrets Manager is unavailable, or while a new policy propagates. */
export const tokenRetryPolicy: RetryPolicy = (error) => {
  if (!(error instanceof TokenUnavailableError)) return 'stop';
  if (error.reason === 'unreachable') return {};
  return error.reason === 'denied' ? { limitMs: POLICY_PROPAGATION_MS } : 'stop';
};
