import type { Update } from '@grammyjs/types';
import type { DeclaredProfile, ProfileAttributes } from './profile-format.ts';

export * from './profile-format.ts';

/**
 * Every format that crosses a process boundary: environment variables, the properties and attributes of the
 * custom resources, the probe, and the message group. It is the only file of `functions/` that `infra/` may
 * import.
 */

/** Environment variables of the bot and the ingress, set by the stack and read by `functions/`. */
export const Environment = {
  /** SHA-256 of the webhook's secret_token, in lower-case hexadecimal (64 characters). */
  webhookSecretSha256: 'WEBHOOK_SECRET_SHA256',
  /** SHA-256 of the webhook's secret path, likewise. Only set behind a Function URL, which accepts any path. */
  webhookPathSha256: 'WEBHOOK_PATH_SHA256',
  /** ARN or name of the Secrets Manager secret that holds the bot token. Never the token. */
  tokenSecret: 'BOT_TOKEN_SECRET',
  /** The bot as `getMe` described it at the last deploy: a `UserFromGetMe` as JSON; empty if it did not. */
  botInfo: 'BOT_INFO',
  /** Root of the Bot API, without a trailing slash: `https://api.telegram.org`. */
  apiRoot: 'TELEGRAM_API_ROOT',
  /** `test` for a bot of Telegram's test environment; absent otherwise. */
  telegramEnvironment: 'TELEGRAM_ENVIRONMENT',
  /** URL of the SQS FIFO queue of updates: the ingress sends to it, the bot schedules its retries. */
  updateQueueUrl: 'UPDATE_QUEUE_URL',
  /** The bot's id, the number before the colon of its token. */
  botId: 'BOT_ID',
  /** How many times the queue delivers an update before it becomes a dead letter. */
  maxAttempts: 'UPDATE_MAX_ATTEMPTS',
} as const;

/** The custom resources that the registrar handles. */
export const ResourceType = {
  bot: 'Custom::TelegramBot',
  readiness: 'Custom::TelegramBotReadiness',
  profile: 'Custom::TelegramBotProfile',
  webhook: 'Custom::TelegramWebhook',
} as const;

/**
 * Telegram's own environment, or its test environment with accounts and bots of its own. The names are grammY's.
 *
 * @see https://core.telegram.org/bots/features#dedicated-test-environment
 */
export type TelegramEnvironment = 'prod' | 'test';

/**
 * Properties of every custom resource of a bot. CloudFormation passes every scalar to the registrar as a string,
 * whatever the template holds; the types say what arrives.
 */
export interface BotProperties {
  /** ARN or name of the Secrets Manager secret that holds the bot token. */
  readonly TokenSecret: string;
  /** ARN of the role that may read only this secret. Older versions deployed none: the registrar's own role reads. */
  readonly TokenReader?: string;
  /** Root of the Bot API, without a trailing slash. */
  readonly ApiRoot: string;
  /** Absent for `prod`. */
  readonly TelegramEnvironment?: TelegramEnvironment;
  /**
   * `node.addr` of the `TelegramBot` construct. Together with the stack id it identifies this deployment,
   * and therefore its webhook path and secret.
   */
  readonly Address: string;
  /** When the app was synthesized, which makes every deploy an update; absent if only a change is one. */
  readonly DeployStamp?: string;
}

/** What only @BotFather switches, under the name that `TelegramBot` has for it. `getMe` shows each. */
export type BotSwitch =
  | 'inlineMode'
  | 'privacyMode'
  | 'joinGroups'
  | 'business'
  | 'mainWebApp'
  | 'topics'
  | 'userTopics'
  | 'guestQueries'
  | 'manageBots'
  | 'joinRequestQueries';

/** Whether each switch must be on; a switch that is absent may be either. */
export type Expects = { readonly [S in BotSwitch]?: 'true' | 'false' };

/** Properties of `Custom::TelegramBot`. */
export interface IdentityProperties extends BotProperties {
  /** What a deploy compares with `getMe` before anything is built. */
  readonly Expects?: Expects;
  /** As in `WebhookProperties`: a deploy warns about types that the bot can never receive. */
  readonly AllowedUpdates?: readonly string[];
}

/** The update types that arrive only while a switch is on. */
export const UPDATES_BEHIND_SWITCHES = {
  inlineMode: ['inline_query', 'chosen_inline_result'],
  business: [
    'business_connection',
    'business_message',
    'edited_business_message',
    'deleted_business_messages',
  ],
  guestQueries: ['guest_message'],
  manageBots: ['managed_bot'],
} as const satisfies { [S in BotSwitch]?: readonly (keyof Update)[] };

/**
 * Attributes of `Custom::TelegramBot`. They hold the webhook path: return them with `NoEcho`. What only Telegram
 * knows is empty after a rollback during which it did not answer.
 */
export interface BotAttributes {
  /** From the token. */
  readonly BotId: string;
  /** Without the `@`. */
  readonly Username: string;
  /** A `UserFromGetMe` as JSON. */
  readonly BotInfo: string;
  /** 43 characters of base64url, without a slash. */
  readonly WebhookPath: string;
  /** Hexadecimal, 64 characters. */
  readonly WebhookPathSha256: string;
  /** Hexadecimal, 64 characters. */
  readonly WebhookSecretSha256: string;
}

/** Properties of `Custom::TelegramBotReadiness`, which checks that a bot behind a queue loads and responds. */
export interface ReadinessProperties {
  /** ARN of the bot's function. */
  readonly BotFunction: string;
  /** As in `BotProperties`. */
  readonly DeployStamp?: string;
}

export type ExistingWebhook = 'replace' | 'fail';

/**
 * Properties of `Custom::TelegramWebhook`. The webhook's path and secret are not among them, because the
 * provider framework may log properties: the registrar derives both from the token.
 */
export interface WebhookProperties extends BotProperties {
  /** The bot's username, for `WebhookAttributes`. */
  readonly Username: string;
  /** Base of the webhook's URL: `https://<host>[:<port>][/<base path>]`. A slash and the secret path follow. */
  readonly Endpoint: string;
  /**
   * Base of the URL that a proxy at `Endpoint` has to forward to. Telegram is not told, so a change of it changes no
   * setting. Absent without a proxy, and when the app does not know the URL.
   */
  readonly Behind?: string;
  /** Telegram's names of update types; empty for Telegram's default set. */
  readonly AllowedUpdates: readonly string[];
  /** `1` to `100`. */
  readonly MaxConnections: string;
  /** IPv4 address that Telegram connects to instead of using DNS. */
  readonly IpAddress?: string;
  /** The PEM file's bytes in base64, because CloudFormation does not preserve bytes outside ASCII. */
  readonly Certificate?: string;
  /** Whether a create drops the updates that Telegram holds for the bot. */
  readonly DropPendingUpdates: 'true' | 'false';
  /** What the first registration of a bot does when it already delivers elsewhere. */
  readonly ExistingWebhook: ExistingWebhook;
}

/**
 * Attributes of `Custom::TelegramWebhook`. Outputs read these: CloudFormation may mask attributes of a resource
 * that returns them with `NoEcho`.
 */
export interface WebhookAttributes {
  /** `https://t.me/<username>`; empty if the username is. */
  readonly Link: string;
  /** Host of the foreign webhook that this deploy replaced, or `none`. */
  readonly ReplacedHost: string;
}

/** What the registrar's function receives besides CloudFormation's Create, Update and Delete. */
export type WatchRequest = WatchRound | WatchEvent | AlertEvent;

/** What a schedule sends: asks the registrar to check the bots of a stack that have the same interval. */
export interface WatchRound {
  readonly RequestType: 'WatchRound';
  /** ISO time, from the scheduler. */
  readonly ScheduledTime: string;
  /** One for each bot, without a time of its own. */
  readonly Checks: readonly WatchEvent[];
}

/**
 * Asks the registrar to check a webhook: in a round, or for `npm run status`, with another purpose. It holds what the
 * registrar needs to know, so that the watch has no state of its own.
 */
export interface WatchEvent {
  readonly RequestType: 'Watch';
  /** `status` only looks: it repairs, measures and logs nothing. */
  readonly Purpose: 'watch' | 'status';
  /** As in the round. Absent for `status`. */
  readonly ScheduledTime?: string;
  readonly Repair: 'true' | 'false';
  /** Whether the check is measured, for the alarms. A metric costs 30 cents a month. */
  readonly Metric: 'true' | 'false';
  readonly StackId: string;
  /** Path of the `TelegramBot` construct, for people and as the metric's dimension. */
  readonly Bot: string;
  /** The bot at the last deploy. */
  readonly BotId: string;
  /** The secret that the receiver expects, as SHA-256 in hexadecimal. */
  readonly WebhookSecretSha256: string;
  /** The registration's own. */
  readonly ResourceProperties: WebhookProperties;
  /** Absent for a bot whose app declares no profile. */
  readonly Profile?: DeclaredProfile & ProfileAttributes;
}

/**
 * What a check may find:
 *
 * - `missing`: the bot has no webhook
 * - `changed`: the webhook is ours, with other settings
 * - `out-of-sync`: the webhook is ours, with a secret that the receiver rejects
 * - `foreign`: the bot delivers elsewhere
 * - `endpoint-failing`: Telegram reports failed deliveries, and updates wait
 * - `backlog`: many updates wait
 * - `token-unusable`: the secret is missing, may not be read, or holds no token
 * - `token-revoked`: Telegram does not know the token
 * - `token-changed`: the secret holds a token that is not deployed yet
 * - `another-bot`: the secret holds another bot's token
 * - `logged-out`: the bot was moved to another Bot API server
 * - `secret-unreachable`: Secrets Manager does not answer
 * - `telegram-unreachable`: Telegram does not answer
 * - `stack-busy`: there is something to repair, but the stack is being deployed, or its last operation has failed
 */
export type WebhookCondition =
  | 'healthy'
  | 'missing'
  | 'changed'
  | 'out-of-sync'
  | 'foreign'
  | 'endpoint-failing'
  | 'backlog'
  | 'token-unusable'
  | 'token-revoked'
  | 'token-changed'
  | 'another-bot'
  | 'logged-out'
  | 'secret-unreachable'
  | 'telegram-unreachable'
  | 'stack-busy';

/** The registrar's answer to a `WatchEvent`, and a line of its log unless the purpose is `status`. Holds no secret. */
export interface WatchReport {
  readonly condition: WebhookCondition;
  readonly severity: 'ok' | 'warning' | 'error';
  /** A sentence; empty when healthy. */
  readonly cause: string;
  /** A sentence, with the command to run; empty when healthy. A long command stands on a line of its own, at the end. */
  readonly fix: string;
  /** Absent when there was nothing to repair. */
  readonly repair?: 'done' | 'failed' | 'off' | 'not ours';
  /** Only for `status`. */
  readonly bot?: {
    readonly id: number;
    readonly username: string;
    readonly name: string;
    /** Whether each switch of @BotFather is on. Absent from a registrar of an older version. */
    readonly switches?: Readonly<Record<BotSwitch, boolean>>;
  };
  /** Absent when Telegram could not be asked. */
  readonly webhook?: {
    /** Empty when there is none. */
    readonly host: string;
    readonly isOurs: boolean;
    readonly pendingUpdates: number;
    readonly lastError?: { readonly at: string; readonly message: string };
    /** How its settings differ from those declared. */
    readonly differences: readonly SettingDifference[];
  };
  /** Absent when none is declared, or the bot does not deliver to this stack. It says nothing about the webhook. */
  readonly profile?: ProfileReport;
}

/** How the bot's profile differs from what is declared. Users see it; the bot receives its updates all the same. */
export interface ProfileReport {
  readonly differences: readonly SettingDifference[];
  /** Absent when there was nothing to repair. `postponed`: Telegram rations the change, and a later check makes it. */
  readonly repair?: 'done' | 'failed' | 'off' | 'postponed';
  /** A sentence: why it could not be compared, or not be repaired. */
  readonly because?: string;
}

export interface SettingDifference {
  /** The name of the property: `maxConnections`. */
  readonly setting: string;
  readonly declared: string;
  readonly actual: string;
}

/** The metric of the watch, in CloudWatch's embedded metric format. */
export const WatchMetric = {
  namespace: 'TelegramWebhookKit',
  /** 0 when healthy or repaired, 0.5 for what may pass by itself, 1 for what will not. */
  name: 'WebhookUnhealthy',
} as const;

/** Asks the registrar to tell a chat that an alarm has changed its state. */
export interface AlertEvent extends Pick<BotProperties, 'TokenSecret' | 'TokenReader' | 'ApiRoot'> {
  readonly RequestType: 'Alert';
  readonly TelegramEnvironment: TelegramEnvironment;
  /** Id or `@name` of the chat. */
  readonly Chat: string;
  readonly Bot: string;
  /** `ALARM`, `OK` or `INSUFFICIENT_DATA`. */
  readonly State: string;
  readonly PreviousState: string;
  /** The alarm's own description: its cause, and the first command to run. */
  readonly Description: string;
}

/**
 * The update that a deploy sends through the public URL before Telegram is pointed there. It has no content,
 * so it is acknowledged without reaching the bot's code.
 */
export const PROBE: Update = { update_id: 0 };

/** Whether an update is a deploy's probe. Telegram's own updates always have content. */
export function isProbe(update: Update): boolean {
  return Object.keys(update).length === 1;
}

/**
 * Names the SQS message group of an update: `<bot id>-<subject>`. Updates with the same group stay in order.
 *
 * @param subject what the update is about: `chat-42`
 */
export function toMessageGroup(botId: string, subject: string): string {
  return `${botId}-${subject}`;
}

/** Returns the id of the bot that Telegram sent an update to, from its message group; NaN if there is none. */
export function botIdOfMessageGroup(group: string): number {
  return Number.parseInt(group, 10);
}

/**
 * How long a queued update waits after its first, second … failed attempt, in seconds; after any further one as long as
 * after the last of these. After an exception it is retried soon, because the updates behind it in its chat wait too:
 * with eight attempts it has left the chat within two minutes. An outage is survived: the waits add up to more than
 * half an hour. The stack keeps updates for longer than that.
 */
export const RetryDelays = {
  exception: [1, 2, 5, 10, 20, 30, 30],
  outage: [10, 30, 60, 120, 300, 600, 900],
} as const;

/**
 * IPv4 networks, with their prefix lengths, that Telegram's server calls reserved and refuses to connect to.
 * The kit checks first, at synth and in the registrar, because setWebhook erases the old webhook before it
 * validates.
 *
 * @see https://github.com/tdlib/td `IPAddress::is_reserved`
 */
export const RESERVED_NETWORKS = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const;
