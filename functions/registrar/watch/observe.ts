import type { UserFromGetMe } from '@grammyjs/types';
import { botIdOf } from '../../bot-token/parse.ts';
import { ResourceType, type WatchEvent } from '../../contract.ts';
import type { CurrentWebhook } from '../../telegram/results.ts';
import type { Described } from '../event.ts';
import { telegramRetryPolicy } from '../retry/policy.ts';
import { retry } from '../retry/retry.ts';
import { CHECK_MS } from '../retry/time-budget.ts';
import { type AnyMethod, type RequestContext, readToken, type WebhookApi } from '../services.ts';
import { deriveWebhookSecrets, webhookUrl } from '../webhook/derive-secrets.ts';
import { parseWebhookProperties, type WebhookParameters } from '../webhook/parameters.ts';

/** What the last deploy has declared. */
export interface Declared {
  readonly bot: string;
  readonly botId: string;
  readonly secretSha256: string;
  readonly stackId: string;
  readonly webhook: WebhookParameters;
  /** The event, as the part of it that describes the registration. */
  readonly resource: Described;
}

/** @throws DeploymentError when a property is missing or invalid, which no template of the kit causes */
export function parseDeclared(event: WatchEvent): Declared {
  const { Bot, BotId, WebhookSecretSha256, StackId, ResourceProperties } = event;
  const resource: Described = {
    ResourceType: ResourceType.webhook,
    StackId,
    ResourceProperties: { ...ResourceProperties },
  };
  return {
    bot: Bot,
    botId: BotId,
    secretSha256: WebhookSecretSha256,
    stackId: StackId,
    webhook: parseWebhookProperties(resource),
    resource,
  };
}

/** The webhook that the current token leads to. The path and the secret are never shown. */
export interface OwnWebhook {
  readonly botId: string;
  readonly url: string;
  readonly path: string;
  readonly secret: string;
  readonly secretSha256: string;
}

/** What a check has read. */
export interface Observation {
  /** In milliseconds since the epoch. */
  readonly at: number;
  /** Absent when the token could not be read. */
  readonly own?: OwnWebhook;
  /** Absent when Telegram could not be asked. */
  readonly current?: CurrentWebhook;
  /** Why one of them is absent. */
  readonly failure?: unknown;
  readonly me?: UserFromGetMe;
}

/** A check's observation, and the Bot API that it came from, for the calls that follow. */
export interface Observed {
  readonly seen: Observation;
  readonly api?: WebhookApi & AnyMethod;
}

/** Reads the token and the webhook; for `status` also the bot. Retries briefly, and never throws. */
export async function observe(
  { webhook }: Declared,
  purpose: WatchEvent['Purpose'],
  context: RequestContext,
): Promise<Observed> {
  const deadline = context.clock.now() + CHECK_MS;
  const retrying = { ...context, deadline, policy: telegramRetryPolicy };
  let own: OwnWebhook | undefined;
  let api: Observed['api'];
  try {
    const token = await readToken(webhook, retrying);
    const secrets = deriveWebhookSecrets(token, webhook.registration);
    const url = webhookUrl(webhook.endpoint, secrets.path);
    own = { botId: botIdOf(token), url, ...secrets };
    const bot = context.botApi(token, webhook);
    api = bot;
    const current = await retry(() => bot.getWebhookInfo(), retrying);
    const me = purpose === 'status' ? await retry(() => bot.getMe(), retrying) : undefined;
    return { seen: { at: context.clock.now(), own, current, me }, api };
  } catch (failure) {
    return { seen: { at: context.clock.now(), own, failure }, api };
  }
}
