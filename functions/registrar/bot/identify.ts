import type { BotAttributes, BotProperties } from '../../contract.ts';
import { retry } from '../retry/retry.ts';
import { webhookSecrets } from '../webhook/derive-secrets.ts';
import { readToken } from '../token.ts';
import type { Tools } from '../services.ts';
import { telegramVerdict } from '../retry/policy.ts';

/** Who the token's bot is, and what the rest of the stack derives from that. */
export async function identify(
  stackId: string,
  { TokenSecret, ApiRoot, Address }: BotProperties,
  tools: Tools,
): Promise<BotAttributes> {
  const token = await readToken(TokenSecret, tools);
  const api = tools.botApi(token, ApiRoot);
  const me = await retry(() => api.getMe(), { ...tools, verdict: telegramVerdict });
  const { path, secretSha256 } = webhookSecrets(token, { stackId, address: Address });
  return {
    BotId: String(me.id),
    Username: me.username,
    Link: `https://t.me/${me.username}`,
    BotInfo: JSON.stringify(me),
    WebhookPath: path,
    WebhookSecretSha256: secretSha256,
  };
}
