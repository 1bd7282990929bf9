import { TokenUnavailable } from '../../bot-token/token-unavailable.ts';
import { TelegramRefused, TelegramUnreachable } from '../../telegram/errors.ts';
import type { Verdict } from './retry.ts';

/** Which failures of a Bot API call pass by themselves. */
export function telegramVerdict(error: unknown): Verdict {
  if (error instanceof TelegramUnreachable) return isElsewhere(error) ? 'give up' : {};
  if (!(error instanceof TelegramRefused)) return 'give up';
  const { code, description, retryAfter } = error;
  if (code === 429) return { afterMs: (retryAfter ?? 1) * 1000 };
  if (code >= 500) return {};
  if (isInterrupted(error)) return {};
  // Telegram keeps a failed look-up for 5 minutes.
  if (code === 400 && description.includes('Failed to resolve host')) return {};
  return 'give up';
}

/** A client error or a redirect in HTML: there is no Bot API at that address. */
function isElsewhere({ status = 0 }: TelegramUnreachable): boolean {
  return status >= 300 && status < 500 && status !== 408 && status !== 429;
}

/** Another setWebhook for the same bot came in while ours was under way. */
export function isInterrupted({ code, description }: TelegramRefused): boolean {
  return code === 409 && description.includes('terminated by other setWebhook');
}

/** The bot is out of this token's reach for good: unknown or revoked, malformed, or moved to another server. */
export function isBotGone(error: unknown): error is TelegramRefused {
  if (!(error instanceof TelegramRefused)) return false;
  const { code, description } = error;
  return code === 401 || code === 404 || (code === 400 && /logged out/i.test(description));
}

/**
 * CloudFormation takes a policy for done before IAM has made it known everywhere, and the registrar is asked
 * at once: mostly seconds, rarely more than this. A secret that does not exist looks the same meanwhile.
 */
export const POLICY_SETTLES_MS = 30_000;

export function tokenVerdict(error: unknown): Verdict {
  if (!(error instanceof TokenUnavailable)) return 'give up';
  if (error.reason === 'unreachable') return {};
  return error.reason === 'denied' ? { withinMs: POLICY_SETTLES_MS } : 'give up';
}
