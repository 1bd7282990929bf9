import type { UserFromGetMe } from '@grammyjs/types';
import { botIdOf } from '../../bot-token/parse.ts';
import type { BotAttributes, BotProperties, TelegramEnvironment } from '../../contract.ts';
import type { BotApiAddress } from '../../telegram/client.ts';
import { DeploymentError, type ErrorContext } from '../errors.ts';
import { type Described, requireStrings } from '../event.ts';
import { telegramRetryPolicy } from '../retry/policy.ts';
import { retry } from '../retry/retry.ts';
import { type RequestContext, readToken } from '../services.ts';
import type { TokenSource } from '../token-reader.ts';
import { deriveWebhookSecrets, type Registration } from '../webhook/derive-secrets.ts';

/** A bot of a stack, and how to reach it. */
export interface BotParameters extends BotApiAddress, TokenSource {
  readonly registration: Registration;
}

/** Returns the environment of an event's bot. */
export function parseEnvironment({ ResourceProperties }: Described): TelegramEnvironment {
  const { TelegramEnvironment } = ResourceProperties as Partial<BotProperties>;
  return TelegramEnvironment === 'test' ? 'test' : 'prod';
}

/** Returns the role that reads an event's token. */
export function parseTokenReader({ ResourceProperties }: Described): string | undefined {
  const { TokenReader } = ResourceProperties as Partial<BotProperties>;
  return TokenReader;
}

/** Names what a resource depends on, for the explanation of an error. */
export function resourceNames(resource: Described): Omit<ErrorContext, 'tryAgain'> {
  const { TokenSecret, ApiRoot } = resource.ResourceProperties;
  const isTest = parseEnvironment(resource) === 'test';
  const server = isTest ? `the test environment of ${String(ApiRoot)}` : String(ApiRoot);
  return { tokenSecret: String(TokenSecret), server };
}

/**
 * Parses the properties that every custom resource of a bot has.
 *
 * @throws DeploymentError when a property is missing, which no template of the kit causes
 */
export function parseBotProperties(event: Described): BotParameters {
  const { TokenSecret, ApiRoot, Address } = requireStrings(event, [
    'TokenSecret',
    'ApiRoot',
    'Address',
  ] satisfies (keyof BotProperties)[]);
  return {
    tokenSecret: TokenSecret,
    tokenReader: parseTokenReader(event),
    apiRoot: ApiRoot,
    environment: parseEnvironment(event),
    registration: { stackId: event.StackId, address: Address },
  };
}

export interface IdentifiedBot {
  readonly attributes: BotAttributes;
  /** Absent when Telegram could not be asked. */
  readonly me?: UserFromGetMe;
  /** Why the attributes that getMe returns are empty, which is not a failure of a rollback. */
  readonly because?: string;
}

/**
 * Asks Telegram who the token's bot is, and derives the secrets of its webhook. A rollback needs only the
 * secrets: it succeeds without Telegram, and leaves the rest to the next deploy.
 *
 * @param previousBotId undefined on a create
 * @throws TokenUnavailableError, TelegramRefusedError, TelegramUnreachableError or DeploymentError
 */
export async function identifyBot(
  { tokenSecret, tokenReader, registration, ...address }: BotParameters,
  context: RequestContext,
  previousBotId?: string,
): Promise<IdentifiedBot> {
  const token = await readToken({ tokenSecret, tokenReader }, context);
  const { path, pathSha256, secretSha256 } = deriveWebhookSecrets(token, registration);
  const secrets = {
    WebhookPath: path,
    WebhookPathSha256: pathSha256,
    WebhookSecretSha256: secretSha256,
  };
  const api = context.botApi(token, address);
  try {
    const me = await retry(() => api.getMe(), { ...context, policy: telegramRetryPolicy });
    return {
      me,
      attributes: {
        BotId: botIdOf(token),
        Username: me.username,
        BotInfo: JSON.stringify(botInfoOf(me)),
        ...secrets,
      },
    };
  } catch (error) {
    if (!context.isRollback) throw error;
    // With another path, the previous bot's webhook would no longer be delivered.
    if (previousBotId !== botIdOf(token)) throw otherBot(error as Error, previousBotId, token);
    // Empty and not absent: a template that reads an absent attribute fails.
    const unknown = { Username: '', BotInfo: '' };
    const attributes = { BotId: botIdOf(token), ...unknown, ...secrets };
    return { attributes, because: (error as Error).message };
  }
}

function otherBot({ message }: Error, previousBotId = '', token: string): DeploymentError {
  return new DeploymentError(
    `${message}. The rollback returns to bot ${previousBotId}, but the secret now holds the token of bot ` +
      `${botIdOf(token)}: store the token of bot ${previousBotId} again.`,
  );
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
