import type { Update } from '@grammyjs/types';

/**
 * Every format that crosses a process boundary: environment variables, the properties and attributes of the
 * custom resources, the probe, and the message group. It is the only file of `functions/` that `infra/` may
 * import.
 */

/** Environment variables of the bot and the ingress, set by the stack and read by `functions/`. */
export const Environment = {
  /** SHA-256 of the webhook's secret_token, in lower-case hexadecimal (64 characters). */
  webhookSecretSha256: 'WEBHOOK_SECRET_SHA256',
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
  webhook: 'Custom::TelegramWebhook',
} as const;

/**
 * Telegram's own environment, or its test environment with accounts and bots of its own. The names are grammY's.
 *
 * @see https://core.telegram.org/bots/features#dedicated-test-environment
 */
export type TelegramEnvironment = 'prod' | 'test';

/**
 * Properties of `Custom::TelegramBot`. CloudFormation passes every scalar to the registrar as a string,
 * whatever the template holds; the types say what arrives.
 */
export interface BotProperties {
  /** ARN or name of the Secrets Manager secret that holds the bot token. */
  readonly TokenSecret: string;
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
  /** Origin of the endpoint: `https://<api id>.execute-api.<region>.amazonaws.com`. */
  readonly Endpoint: string;
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

/** Sent to the registrar by the schedule every five minutes, and by `npm run status`. */
export interface WatchEvent {
  readonly RequestType: 'Watch';
  readonly Purpose: 'watch' | 'status';
  readonly ScheduledTime?: string;
  readonly Repair: 'true' | 'false';
  readonly StackId: string;
  readonly Bot: string;
  readonly ResourceProperties: WebhookProperties;
}

export interface WatchReport {
  readonly condition: string;
  readonly severity: 'ok' | 'warning' | 'error';
  readonly cause: string;
  readonly fix: string;
  readonly repair?: 'done' | 'failed' | 'off' | 'not ours';
  readonly bot?: { readonly id: number; readonly username: string; readonly name: string };
  readonly webhook?: {
    readonly host: string;
    readonly isOurs: boolean;
    readonly pendingUpdates: number;
    readonly lastError?: { readonly at: string; readonly message: string };
    readonly differences: readonly {
      readonly setting: string;
      readonly declared: string;
      readonly actual: string;
    }[];
  };
}
