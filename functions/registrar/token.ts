import { retry } from './retry/retry.ts';
import type { Tools } from './services.ts';
import { tokenVerdict } from './retry/policy.ts';

/**
 * The bot token, with patience for what passes by itself.
 *
 * @throws TokenUnavailable
 */
export function readToken(secretId: string, tools: Tools): Promise<string> {
  return retry(() => tools.readToken(secretId), { ...tools, verdict: tokenVerdict });
}
