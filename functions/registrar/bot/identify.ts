import type { BotAttributes, BotProperties } from '../../contract.ts';
import { telegramRetryPolicy } from '../retry/policy.ts';
import { retry } from '../retry/retry.ts';
import type { RequestContext } from '../services.ts';
import { readToken } from '../token.ts';
import { deriveWebhookSecrets } from '../webhook/derive-secrets.ts';

/** Who the token's bot is, and what the rest of the stack derives from that. */
export async function identify(
  stackId: string,
  { TokenSecret, ApiRoot, Address }: BotProperties,
  context: RequestContext,
): Promise<BotAttributes> {
  const token = await readToken(TokenSecret, context);
  const api = context.botApi(token, ApiRoot);
  const me = await retry(() => api.getMe(), { ...context, policy: telegramRetryPolicy });
  const { path, secretSha256 } = deriveWebhookSecrets(token, { stackId, address: Address });
  return {
    BotId: String(me.id),
    Username: me.username,
    Link: `https://t.me/${me.username}`,
    BotInfo: JSON.stringify(me),
    WebhookPath: path,
    WebhookSecretSha256: secretSha256,
  };
}
