import { botIdOf } from '../../bot-token/parse.ts';
import { DeploymentError, OrphanedWebhookError } from '../errors.ts';
import { telegramRetryPolicy } from '../retry/policy.ts';
import { type RetryOptions, retry } from '../retry/retry.ts';
import { ATTEMPT_MS, CANCELLED_REGISTRATION_MS, UNDO_MS, VERIFY_MS } from '../retry/time-budget.ts';
import { type RequestContext, readToken, type WebhookApi } from '../services.ts';
import { deriveWebhookSecrets, hostOf, isBelow, webhookUrl } from './derive-secrets.ts';
import type { WebhookParameters } from './parameters.ts';
import { probe } from './probe.ts';
import { unregisterIfOurs } from './unregister.ts';

/** The registration that an update replaces. */
export interface PreviousRegistration {
  readonly botId: string;
  readonly endpoint: string;
  /** Whether the update changes the webhook's settings. */
  readonly isChanged: boolean;
}

export interface Registered {
  readonly botId: string;
  /** Host of the webhook that this one replaced; empty when there was none. */
  readonly replacedHost: string;
  /** How many updates Telegram holds for the bot. */
  readonly pendingUpdates?: number;
  /** Why the webhook could not be verified after Telegram had accepted it, which is not a failure. */
  readonly unverified?: string;
}

/**
 * Registers the webhook, on every deploy: check, probe, check again, set, verify. It deletes nothing on the way,
 * so deliveries continue.
 *
 * @param previous undefined on a create
 * @throws DeploymentError, TokenUnavailableError, TelegramRefusedError, TelegramUnreachableError, or
 *   OrphanedWebhookError around one of these
 */
export async function registerWebhook(
  parameters: WebhookParameters,
  previous: PreviousRegistration | undefined,
  context: RequestContext,
): Promise<Registered> {
  const start = context.clock.now();
  const work = { ...context, deadline: context.deadline - UNDO_MS };
  const retrying = { ...work, policy: telegramRetryPolicy };

  const token = await readToken(parameters, work);
  const botId = botIdOf(token);
  const { path, secret } = deriveWebhookSecrets(token, parameters.registration);
  const url = webhookUrl(parameters.endpoint, path);
  const api = context.botApi(token, parameters);

  // An update is a first registration too when the secret now holds another bot's token.
  const isFirst = botId !== previous?.botId;
  /** Returns the host that a webhook would be taken from, and throws if it must not be taken. */
  const checkExisting = (current: string): string => {
    const isOurs = current === url || (!isFirst && isBelow(previous.endpoint, current));
    const host = isOurs || !current ? '' : hostOf(current);
    if (isFirst && host && parameters.existingWebhook === 'fail')
      throw alreadyElsewhere(botId, host);
    return host;
  };

  const { url: before } = await retry(() => api.getWebhookInfo(), retrying);
  checkExisting(before);

  const call: SetWebhookCall = {
    parameters: setWebhookParameters(parameters, url, secret),
    // Only on a create, and not when its event is delivered again: by then the webhook is already ours.
    drop: !previous && before !== url && parameters.dropPendingUpdates,
    isNew: before !== url,
    mayBeSet: false,
  };
  let replacedHost = '';
  const look = async () => {
    const { url: current } = await api.getWebhookInfo();
    replacedHost = checkExisting(current) || replacedHost;
    return current;
  };
  try {
    await probe({ ...parameters, url: new URL(url), secret }, work);
    if (context.isRollback) await outlast(start + CANCELLED_REGISTRATION_MS, context);
    else if (previous?.isChanged) await outlast(start + ATTEMPT_MS, context);
    await setWebhook(api, call, look, retrying);
    if (call.isNew && !context.isRollback) await outlast(context.clock.now() + ATTEMPT_MS, context);
    const after = await verify(api, retrying);
    if (after instanceof Error) return { botId, replacedHost, unverified: after.message };
    if (after.url !== url) throw overtaken(after.url);
    return { botId, replacedHost, pendingUpdates: after.pending_update_count };
  } catch (error) {
    // CloudFormation does not know a first registration that failed, and will never ask to delete it.
    const isUndone = !isFirst || (await undo(api, path, context));
    if (call.mayBeSet && !isUndone) throw new OrphanedWebhookError(error as Error, hostOf(url));
    throw error;
  }
}

type SetWebhookParameters = Parameters<WebhookApi['setWebhook']>[0];

/** A setWebhook call, and what its attempts have found out. */
export interface SetWebhookCall {
  readonly parameters: SetWebhookParameters;
  /** Whether the next attempt drops the pending updates. */
  drop: boolean;
  /** Whether the bot had another webhook, or none. */
  isNew: boolean;
  /** Whether an attempt was made, which may have taken effect even if it failed. */
  mayBeSet: boolean;
}

/**
 * Sets the webhook. Every attempt looks again, because the probe and the retries take minutes, in which another
 * process may have set a webhook.
 *
 * @param look returns the current URL, and throws if it must not be replaced
 */
export async function setWebhook(
  api: WebhookApi,
  call: SetWebhookCall,
  look: () => Promise<string>,
  retrying: RetryOptions,
): Promise<void> {
  const { parameters } = call;
  await retry(async () => {
    const url = await look();
    // If only the response was lost, the webhook is ours, and the updates that arrived since must be kept.
    if (url === parameters.url) call.drop = false;
    else call.isNew = true;
    call.mayBeSet = true;
    await api.setWebhook({ ...parameters, drop_pending_updates: call.drop });
  }, retrying);
}

/** Returns every setting, because an omitted `allowed_updates` keeps its previous value. */
export function setWebhookParameters(
  webhook: WebhookParameters,
  url: string,
  secret: string,
): SetWebhookParameters {
  return {
    url,
    certificate: webhook.certificate,
    ip_address: webhook.ipAddress,
    max_connections: webhook.maxConnections,
    allowed_updates: webhook.allowedUpdates,
    secret_token: secret,
  };
}

/**
 * Returns the webhook that Telegram has now, or the error if Telegram stays unavailable. Telegram has accepted
 * the webhook by then: failing here would roll back a working webhook during the same outage, and could leave
 * the webhook of a rolled-back stack registered.
 */
export async function verify(
  api: WebhookApi,
  retrying: RetryOptions,
): Promise<Awaited<ReturnType<WebhookApi['getWebhookInfo']>> | Error> {
  const { clock, policy } = retrying;
  const deadline = Math.min(retrying.deadline, clock.now() + VERIFY_MS);
  try {
    return await retry(() => api.getWebhookInfo(), { ...retrying, deadline });
  } catch (error) {
    if (policy(error) === 'stop') throw error;
    return error as Error;
  }
}

/**
 * Removes what a failed registration has set, and returns whether it could. It never throws, because that would
 * hide the original error.
 */
async function undo(api: WebhookApi, path: string, context: RequestContext): Promise<boolean> {
  try {
    const result = await unregisterIfOurs(api, path, context);
    context.log.info({ event: 'registrar.undo', ...result });
    return true;
  } catch (error) {
    const because = (error as Error).message;
    context.log.warn({ event: 'registrar.undo', outcome: 'failed', because });
    return false;
  }
}

/**
 * Waits until nothing that was decided earlier can still set or remove the bot's webhook:
 *
 * - In a rollback, the update that CloudFormation has cancelled: its invocation keeps running.
 * - In an update with other settings, a repair that the watch began before: it would restore the old ones.
 * - After a webhook that is new, another stack's repair or destroy: it saw the bot without a webhook, or with its own.
 *   The verification comes after that.
 *
 * An update begins before its event arrives, so what has been waited for in the meantime counts, and the wait never
 * exceeds the time budget.
 */
async function outlast(end: number, { clock }: RequestContext): Promise<void> {
  const waitMs = end - clock.now();
  if (waitMs > 0) await clock.sleep(waitMs);
}

function alreadyElsewhere(botId: string, host: string): DeploymentError {
  return new DeploymentError(
    `Bot ${botId} already delivers to ${host}, and existingWebhook is 'fail'. Remove that webhook, ` +
      "or set existingWebhook to 'replace' to take it over, and deploy again.",
  );
}

function overtaken(url: string): DeploymentError {
  return new DeploymentError(
    `setWebhook succeeded, but then getWebhookInfo showed ${url ? `a webhook at ${hostOf(url)}` : 'no webhook'}: ` +
      'another process sets or deletes the webhook of this bot. Stop it, and deploy again.',
  );
}
