import { TokenUnavailableError } from '../../bot-token/token-unavailable.ts';
import { TelegramRefusedError, TelegramUnreachableError } from '../../telegram/errors.ts';
import type { RetryDecision } from './retry.ts';

/** Which failures of a Bot API call pass by themselves. */
export function telegramRetryPolicy(error: unknown): RetryDecision {
  if (error instanceof TelegramUnreachableError) return isElsewhere(error) ? 'stop' : {};
  if (!(error instanceof TelegramRefusedError)) return 'stop';
  const { code, description, retryAfter } = error;
  if (code === 429) return { delayMs: (retryAfter ?? 1) * 1000 };
  if (code >= 500) return {};
  if (isInterrupted(error)) return {};
  // Telegram keeps a failed look-up for 5 minutes.
  if (code === 400 && description.includes('Failed to resolve host')) return {};
  return 'stop';
}

/** A client error or a redirect in HTML: there is no Bot API at that address. */
function isElsewhere({ status = 0 }: TelegramUnreachableError): boolean {
  return status >= 300 && status < 500 && status !== 408 && status !== 429;
}

/** Another setWebhook for the same bot came in while ours was under way. */
export function isInterrupted({ code, description }: TelegramRefusedError): boolean {
  return code === 409 && description.includes('terminated by other setWebhook');
}

/** The bot is out of this token's reach for good: unknown or revoked, malformed, or moved to another server. */
export function isBotGone(error: unknown): error is TelegramRefusedError {
  if (!(error instanceof TelegramRefusedError)) return false;
  const { code, description } = error;
  return code === 401 || code === 404 || (code === 400 && /logged out/i.test(description));
}

/**
 * CloudFormation takes a policy for done before IAM has made it known everywhere, and the registrar is asked
 * at once: mostly seconds, rarely more than this. A secret that does not exist looks the same meanwhile.
 */
export const POLICY_SETTLES_MS = 30_000;

export function tokenRetryPolicy(error: unknown): RetryDecision {
  if (!(error instanceof TokenUnavailableError)) return 'stop';
  if (error.reason === 'unreachable') return {};
  return error.reason === 'denied' ? { limitMs: POLICY_SETTLES_MS } : 'stop';
}
