import type { BotAttributes, BotProperties } from '../../contract.ts';
import { type Create, requireStrings, type Update } from '../event.ts';
import { telegramRetryPolicy } from '../retry/policy.ts';
import { retry } from '../retry/retry.ts';
import { type RequestContext, readToken } from '../services.ts';
import { deriveWebhookSecrets, type Registration } from '../webhook/derive-secrets.ts';

/** A bot of a stack, and how to reach it. */
export interface BotParameters {
  /** Name or ARN of the secret that holds the token. */
  readonly tokenSecret: string;
  /** Root of the Bot API, without a trailing slash. */
  readonly apiRoot: string;
  readonly registration: Registration;
}

/**
 * Parses the properties that every custom resource of a bot has.
 *
 * @throws DeploymentError when a property is missing, which no template of the kit causes
 */
export function parseBotProperties(event: Create | Update): BotParameters {
  const { TokenSecret, ApiRoot, Address } = requireStrings(event, [
    'TokenSecret',
    'ApiRoot',
    'Address',
  ] satisfies (keyof BotProperties)[]);
  return {
    tokenSecret: TokenSecret,
    apiRoot: ApiRoot,
    registration: { stackId: event.StackId, address: Address },
  };
}

/**
 * Asks Telegram who the token's bot is, and derives the secrets of its webhook.
 *
 * @throws TokenUnavailableError, TelegramRefusedError or TelegramUnreachableError
 */
export async function identifyBot(
  { tokenSecret, apiRoot, registration }: BotParameters,
  context: RequestContext,
): Promise<BotAttributes> {
  const token = await readToken(tokenSecret, context);
  const api = context.botApi(token, apiRoot);
  const me = await retry(() => api.getMe(), { ...context, policy: telegramRetryPolicy });
  const { path, secretSha256 } = deriveWebhookSecrets(token, registration);
  return {
    BotId: String(me.id),
    Username: me.username,
    Link: `https://t.me/${me.username}`,
    BotInfo: JSON.stringify(me),
    WebhookPath: path,
    WebhookSecretSha256: secretSha256,
  };
}
