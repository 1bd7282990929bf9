import type { UserFromGetMe } from '@grammyjs/types';
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
    BotInfo: JSON.stringify(botInfoOf(me)),
    WebhookPath: path,
    WebhookSecretSha256: secretSha256,
  };
}

/** Telegram's limit for a name, in characters. */
const LONGEST_NAME = 64;

/**
 * Returns the fields of getMe that the type requires. A function's environment has 4 KiB, and so has a response
 * to CloudFormation: fields that Telegram adds to getMe must not fill them.
 */
function botInfoOf(me: UserFromGetMe): UserFromGetMe {
  const is = (flag: keyof UserFromGetMe) => me[flag] === true;
  return {
    id: me.id,
    is_bot: true,
    first_name: nameOf(me),
    username: me.username,
    can_join_groups: is('can_join_groups'),
    can_read_all_group_messages: is('can_read_all_group_messages'),
    supports_guest_queries: is('supports_guest_queries'),
    supports_inline_queries: is('supports_inline_queries'),
    can_connect_to_business: is('can_connect_to_business'),
    has_main_web_app: is('has_main_web_app'),
    has_topics_enabled: is('has_topics_enabled'),
    allows_users_to_create_topics: is('allows_users_to_create_topics'),
    can_manage_bots: is('can_manage_bots'),
    supports_join_request_queries: is('supports_join_request_queries'),
  };
}

function nameOf({ first_name }: { first_name?: unknown }): string {
  return typeof first_name === 'string' ? [...first_name].slice(0, LONGEST_NAME).join('') : '';
}
