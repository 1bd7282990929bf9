import { botIdOf } from '../../bot-token/parse.ts';
import type { WebhookProperties } from '../../contract.ts';
import { DeploymentError, OrphanedWebhookError } from '../deploy-failure.ts';
import { telegramRetryPolicy } from '../retry/policy.ts';
import { type RetryOptions, retry } from '../retry/retry.ts';
import type { RequestContext, WebhookApi } from '../services.ts';
import { readToken } from '../token.ts';
import { deriveWebhookSecrets, webhookUrl } from './derive-secrets.ts';
import { checkedSettings, type WebhookParameters } from './parameters.ts';
import { probe } from './probe.ts';
import { hostOf, LAST_STEPS_MS, unregisterIfOurs } from './unregister.ts';

export interface RegistrationRequest {
  readonly stackId: string;
  readonly properties: WebhookProperties;
  /** What was registered before this update; absent on a create. */
  readonly former?: {
    readonly botId: string;
    readonly endpoint: string;
    /** The update goes back to what was deployed before: CloudFormation rolls back. */
    readonly isReturn?: boolean;
  };
}

export interface Registered {
  readonly botId: string;
  /** Host of the webhook that this one replaced; empty when there was none. */
  readonly replacedHost: string;
  /** How many updates wait at Telegram. */
  readonly pendingUpdates?: number;
  /** Why Telegram could not be asked about what it had accepted, which is no failure. */
  readonly unverified?: string;
  /** Why the registration was left as it was, which is no failure. */
  readonly because?: string;
}

/** For an answer that would only confirm one that came. */
const VERIFY_MS = 60_000;

/** Kept back from the deadline, to take back what a failed registration has set. */
export const CLEAN_UP_MS = 60_000;

/**
 * Registers the webhook, anew on every deploy: check, probe, set, verify. Nothing is deleted on the way,
 * so deliveries go on.
 *
 * @throws DeployFailure, TokenUnavailable, TelegramRefused or TelegramUnreachable
 */
export async function registerWebhook(
  { stackId, properties, former }: RegistrationRequest,
  context: RequestContext,
): Promise<Registered> {
  const settings = checkedSettings(properties);
  const work = { ...context, deadline: context.deadline - CLEAN_UP_MS };
  const patience = { ...work, policy: telegramRetryPolicy };

  const token = await readToken(properties.TokenSecret, work);
  const botId = botIdOf(token);
  const { path, secret } = deriveWebhookSecrets(token, { stackId, address: properties.Address });
  const url = webhookUrl(settings.origin, path);
  const api = context.botApi(token, properties.ApiRoot);

  const { url: before = '' } = await retry(() => api.getWebhookInfo(), patience);
  // An update is a first registration too when the secret has got another bot's token.
  const isFirst = botId !== former?.botId;
  const ours = isFirst ? [url] : [url, `${former.endpoint}/`];
  const replacedHost = foreignHost(before, ours);
  const untouched = isFirst && former?.isReturn ? keepPreviousBot(former.botId, botId) : undefined;
  if (isFirst && replacedHost && settings.existingWebhook === 'fail') {
    if (untouched) return untouched;
    throw alreadyElsewhere(botId, replacedHost);
  }

  let isTried = false;
  try {
    await probe({ ...settings, url: new URL(url), secret }, work);
    // Nobody ends the function of an update that CloudFormation has cancelled: it must not have the last word.
    if (former?.isReturn) await context.clock.sleep(LAST_STEPS_MS);
    // On a create alone; and not on its repetition, by which time the webhook is already ours.
    const drop = !former && before !== url && settings.dropPendingUpdates;
    isTried = true;
    await setWebhook(api, { ...settings, url, secret, drop }, patience);
    const after = await verify(api, patience);
    if (after instanceof Error) return { botId, replacedHost, unverified: after.message };
    if (after.url !== url) throw overtaken(after.url);
    return { botId, replacedHost, pendingUpdates: after.pending_update_count };
  } catch (error) {
    // CloudFormation knows no such registration, and will never ask for its removal.
    const isBack = !isFirst || (await undo(api, url, context));
    if (isTried && !isBack) throw new OrphanedWebhookError(error as Error, hostOf(url));
    if (untouched && error instanceof DeploymentError) return untouched;
    throw error;
  }
}

/** Says everything every time: what is left out of a call keeps the value that it had. */
async function setWebhook(
  api: WebhookApi,
  webhook: WebhookParameters & { url: string; secret: string; drop: boolean },
  patience: RetryOptions,
): Promise<void> {
  let { drop } = webhook;
  let isRepeated = false;
  await retry(async () => {
    // The answer may be all that was lost, and the updates of the meantime are not to be dropped.
    if (isRepeated && drop) drop = (await api.getWebhookInfo()).url !== webhook.url;
    isRepeated = true;
    await api.setWebhook({
      url: webhook.url,
      certificate: webhook.certificate,
      ip_address: webhook.ipAddress,
      max_connections: webhook.maxConnections,
      allowed_updates: webhook.allowedUpdates,
      drop_pending_updates: drop,
      secret_token: webhook.secret,
    });
  }, patience);
}

/**
 * What Telegram has now; or why it does not say, for a minute of trying, when that will pass. It has
 * accepted the webhook by then. To fail for the second answer would take back what works, or try to, with
 * the same trouble: the webhook of a stack that is rolled back would stay.
 */
async function verify(
  api: WebhookApi,
  patience: RetryOptions,
): Promise<Awaited<ReturnType<WebhookApi['getWebhookInfo']>> | Error> {
  const { clock, policy } = patience;
  const deadline = Math.min(patience.deadline, clock.now() + VERIFY_MS);
  try {
    return await retry(() => api.getWebhookInfo(), { ...patience, deadline });
  } catch (error) {
    if (policy(error) === 'stop') throw error;
    return error as Error;
  }
}

/** Never in the way of the error that made it necessary. */
async function undo(api: WebhookApi, url: string, context: RequestContext): Promise<boolean> {
  try {
    const removal = await unregisterIfOurs(api, url, context);
    context.log.info({ event: 'registrar.clean-up', ...removal });
    return true;
  } catch (error) {
    context.log.warn({
      event: 'registrar.clean-up',
      outcome: 'failed',
      because: (error as Error).message,
    });
    return false;
  }
}

/**
 * The update that is being rolled back had put another bot's token into the stack. Nobody has touched the
 * webhook of the bot before, whose URL the rest of the stack has gone back to; nor is there its token.
 */
function keepPreviousBot(former: string, current: string): Registered {
  return {
    botId: former,
    replacedHost: '',
    because: `the secret now holds the token of bot ${current}, and the webhook of bot ${former} is as it was`,
  };
}

/** `ours` are the beginnings of URLs that are this registration's own. */
function foreignHost(url: string, ours: readonly string[]): string {
  return url === '' || ours.some((own) => url.startsWith(own)) ? '' : hostOf(url);
}

function alreadyElsewhere(botId: string, host: string): DeploymentError {
  return new DeploymentError(
    `Bot ${botId} already delivers to ${host}, and existingWebhook is 'fail'. Take that webhook down, ` +
      "or set existingWebhook to 'replace' to have it replaced, and deploy again.",
  );
}

function overtaken(url: string | undefined): DeploymentError {
  return new DeploymentError(
    `setWebhook succeeded, but then getWebhookInfo showed ${url ? `a webhook at ${hostOf(url)}` : 'none'}: ` +
      'something else sets or deletes the webhook of this bot. Stop that, and deploy again.',
  );
}
