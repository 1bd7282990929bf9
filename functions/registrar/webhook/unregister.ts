import { TokenUnavailableError } from '../../bot-token/errors.ts';
import { botIdOf } from '../../bot-token/parse.ts';
import { isTokenLost } from '../../telegram/classify.ts';
import type { BotParameters } from '../bot/identify.ts';
import { telegramRetryPolicy } from '../retry/policy.ts';
import { retry } from '../retry/retry.ts';
import { ATTEMPT_MS, CANCELLED_REGISTRATION_MS, LOOK_INTERVAL_MS } from '../retry/time-budget.ts';
import { type RequestContext, readToken, type WebhookApi } from '../services.ts';
import { deriveWebhookSecrets, hasPath, hostOf } from './derive-secrets.ts';

export interface Unregistered {
  readonly outcome: 'removed' | 'left';
  /** Why the webhook was left, for the log. Deleting the resource succeeds in either case. */
  readonly because?: string;
}

/**
 * Removes the webhook of a registration that is being deleted, if it still belongs to this registration.
 *
 * It also succeeds when there is nothing that it can or may remove: only an unreachable Telegram or Secrets
 * Manager is worth another `cdk destroy`.
 *
 * @param botId the bot that was registered: the resource's physical id, if the create has responded
 * @param webhook undefined for a registration that was never complete
 * @throws the last failure to reach Telegram or Secrets Manager, at the deadline
 */
export async function unregisterWebhook(
  botId: string,
  webhook: BotParameters | undefined,
  context: RequestContext,
): Promise<Unregistered> {
  if (!webhook) return left('the resource lacks properties that every registration has');
  try {
    const token = await readToken(webhook, context);
    if (isBotId(botId) && botIdOf(token) !== botId) {
      return left(
        `the secret now holds the token of bot ${botIdOf(token)} instead of bot ${botId}`,
      );
    }
    const { path } = deriveWebhookSecrets(token, webhook.registration);
    const api = context.botApi(token, webhook);
    const waitMs = isBotId(botId) ? ATTEMPT_MS : CANCELLED_REGISTRATION_MS;
    return await unregisterAndOutlast(waitMs, api, path, context);
  } catch (error) {
    if (isOutOfReach(error)) return left(error.message);
    throw error;
  }
}

/**
 * Whether a physical id is a bot's, as it is once the create has responded. When CloudFormation cancels a
 * create, it sends the delete with a generated id; the webhook's path still identifies its owner.
 */
function isBotId(physicalId: string): boolean {
  return /^\d+$/.test(physicalId);
}

/**
 * Removes the webhook, and looks again for as long as something may still set it:
 *
 * - A repair that the watch began before the delete did. From then on, the watch sees the stack's status.
 * - A cancelled create, which may still be running because nothing ends its invocation. Until its last probe and
 *   setWebhook call are over, it may set the webhook at any time, and once more after a lost response. The endpoint is
 *   deleted after this, and then no probe of it succeeds.
 */
async function unregisterAndOutlast(
  waitMs: number,
  api: WebhookApi,
  path: string,
  context: RequestContext,
): Promise<Unregistered> {
  const end = Math.min(context.clock.now() + waitMs, context.deadline);
  let result = await unregisterIfOurs(api, path, context);
  while (context.clock.now() < end) {
    await context.clock.sleep(Math.min(LOOK_INTERVAL_MS, end - context.clock.now()));
    const next = await unregisterIfOurs(api, path, context);
    if (next.outcome === 'removed') result = next;
  }
  return result;
}

/**
 * Removes the webhook if its URL ends with this path, which no other registration can have. The host does not
 * matter: after an update that failed, the webhook may be at either endpoint. Every attempt looks again, because
 * after a lost response the webhook may already belong to another registration.
 */
export async function unregisterIfOurs(
  api: WebhookApi,
  path: string,
  context: RequestContext,
): Promise<Unregistered> {
  return retry(
    async () => {
      const { url: current } = await api.getWebhookInfo();
      if (!current) return left('the bot has no webhook');
      if (!hasPath(current, path)) {
        return left(`the bot delivers to another webhook, at ${hostOf(current)}`);
      }
      await api.setWebhook({ url: '' });
      return { outcome: 'removed' };
    },
    { ...context, policy: telegramRetryPolicy },
  );
}

/** Whether the secret holds nothing that can act for the bot, now or later. */
function isOutOfReach(error: unknown): error is Error {
  if (error instanceof TokenUnavailableError) return error.reason !== 'unreachable';
  return isTokenLost(error);
}

function left(because: string): Unregistered {
  return { outcome: 'left', because };
}
