import { botIdOf } from '../../bot-token/parse.ts';
import { TokenUnavailableError } from '../../bot-token/token-unavailable.ts';
import type { WebhookProperties } from '../../contract.ts';
import { CALL_TIMEOUT_MS } from '../../telegram/client.ts';
import { isBotGone, telegramRetryPolicy } from '../retry/policy.ts';
import { retry } from '../retry/retry.ts';
import type { RequestContext, WebhookApi } from '../services.ts';
import { readToken } from '../token.ts';
import { deriveWebhookSecrets, webhookUrl } from './derive-secrets.ts';
import { PROBE_TIMEOUT_MS } from './post-update.ts';

export interface Unregistered {
  readonly outcome: 'removed' | 'left';
  /** Why it was left, for the log: the deletion of the resource succeeds all the same. */
  readonly because?: string;
}

export interface UnregistrationRequest {
  readonly stackId: string;
  /** The bot that was registered: the resource's physical id, where the create has answered. */
  readonly botId: string;
  /** As they come: a registration that never was complete must not be in the way of a destroy. */
  readonly properties: Partial<WebhookProperties>;
}

/**
 * Removes the webhook of a registration that is being deleted, if it is still this registration's.
 *
 * Where nothing can be done any more, or nothing may, that is a success: only a Telegram or a Secrets
 * Manager that cannot be reached is worth another `cdk destroy`.
 *
 * @throws the last failure to reach either, at the deadline
 */
export async function unregisterWebhook(
  request: UnregistrationRequest,
  context: RequestContext,
): Promise<Unregistered> {
  const { stackId, botId, properties } = request;
  const { TokenSecret, ApiRoot, Address, Endpoint } = properties;
  if (!TokenSecret || !ApiRoot || !Address || !Endpoint || !URL.canParse(Endpoint)) {
    return left('the resource lacks properties that every registration has');
  }
  try {
    const token = await readToken(TokenSecret, context);
    if (isBotId(botId) && botIdOf(token) !== botId) {
      return left(
        `the secret now holds the token of bot ${botIdOf(token)}, and not of bot ${botId}`,
      );
    }
    const { path } = deriveWebhookSecrets(token, { stackId, address: Address });
    const url = webhookUrl(Endpoint, path);
    const api = context.botApi(token, ApiRoot);
    return isBotId(botId)
      ? await unregisterIfOurs(api, url, context)
      : await unregisterWhileCreating(api, url, context);
  } catch (error) {
    if (isBeyondReach(error)) return left(error.message);
    throw error;
  }
}

/**
 * CloudFormation makes an id up for the delete of a create that it has cancelled, when something else in
 * the stack failed meanwhile. Whose webhook it is, its URL still tells.
 */
function isBotId(physicalId: string): boolean {
  return /^\d+$/.test(physicalId);
}

/** What is left of a registration at most that has begun its last probe, and then sets the webhook. */
export const LAST_STEPS_MS = PROBE_TIMEOUT_MS + CALL_TIMEOUT_MS;
const LOOK_EVERY_MS = 5000;

/**
 * Removes the webhook of a create that may still be at work: nobody ends the function of a create that is
 * cancelled. Its endpoint is deleted once this is done, and then no probe of it succeeds any more; until
 * then it may set the webhook at any time, and after a lost answer once more.
 */
async function unregisterWhileCreating(
  api: WebhookApi,
  url: string,
  context: RequestContext,
): Promise<Unregistered> {
  const end = Math.min(context.clock.now() + LAST_STEPS_MS, context.deadline);
  let removal = await unregisterIfOurs(api, url, context);
  while (context.clock.now() + LOOK_EVERY_MS <= end) {
    await context.clock.sleep(LOOK_EVERY_MS);
    const next = await unregisterIfOurs(api, url, context);
    if (next.outcome === 'removed') removal = next;
  }
  return removal;
}

/**
 * Removes the webhook if it has this URL, which no other registration can have. Every attempt looks again:
 * after a lost answer, the webhook may be someone else's by now.
 */
export async function unregisterIfOurs(
  api: WebhookApi,
  url: string,
  context: RequestContext,
): Promise<Unregistered> {
  return retry(
    async () => {
      const { url: current } = await api.getWebhookInfo();
      if (!current) return left('the bot has no webhook');
      if (current !== url)
        return left(`the bot delivers to another webhook, at ${hostOf(current)}`);
      await api.setWebhook({ url: '' });
      return { outcome: 'removed' };
    },
    { ...context, policy: telegramRetryPolicy },
  );
}

/** All that may be shown of a webhook's URL: the path may be a secret. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'an unknown host';
}

/** Nobody can act for the bot any more with what the secret holds, now or at a later try. */
function isBeyondReach(error: unknown): error is Error {
  if (error instanceof TokenUnavailableError) return error.reason !== 'unreachable';
  return isBotGone(error);
}

function left(because: string): Unregistered {
  return { outcome: 'left', because };
}
