import { tokenRetryPolicy } from './retry/policy.ts';
import { retry } from './retry/retry.ts';
import type { RequestContext } from './services.ts';

/**
 * The bot token, with patience for what passes by itself.
 *
 * @throws TokenUnavailable
 */
export function readToken(secretId: string, context: RequestContext): Promise<string> {
  return retry(() => context.readToken(secretId), { ...context, policy: tokenRetryPolicy });
}
