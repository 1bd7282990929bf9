import { retry } from './retry.ts';
import type { Tools } from './tools.ts';
import { tokenVerdict } from './verdicts.ts';

/**
 * The bot token, with patience for what passes by itself.
 *
 * @throws TokenUnavailable
 */
export function readToken(secretId: string, tools: Tools): Promise<string> {
  return retry(() => tools.readToken(secretId), { ...tools, verdict: tokenVerdict });
}
