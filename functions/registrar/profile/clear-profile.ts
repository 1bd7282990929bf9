import { TokenUnavailableError } from '../../bot-token/errors.ts';
import { botIdOf } from '../../bot-token/parse.ts';
import { isTokenLost } from '../../telegram/classify.ts';
import { DeploymentError, ProfileError } from '../errors.ts';
import type { Delete } from '../event.ts';
import { telegramRetryPolicy } from '../retry/policy.ts';
import { retry } from '../retry/retry.ts';
import { ATTEMPT_MS, CANCELLED_PROFILE_MS } from '../retry/time-budget.ts';
import { type RequestContext, readToken } from '../services.ts';
import { deriveWebhookSecrets } from '../webhook/derive-secrets.ts';
import { applyProfile } from './apply.ts';
import { parseProfile } from './parameters.ts';
import { replacePhoto } from './photo.ts';
import { explainRest } from './ration.ts';
import { parseSlots } from './slots.ts';

export interface ClearedProfile {
  /** Names of the settings. */
  readonly cleared: readonly string[];
  /** Why something was left, for the log. Deleting the resource succeeds in either case. */
  readonly because?: string;
}

/**
 * Clears what is still as the stack has set it. It leaves everything alone if the bot now belongs to another registration:
 * another stack has taken it over, or this construct has another name.
 *
 * It also succeeds when there is nothing that it can or may clear: only an unreachable Telegram or Secrets Manager is worth
 * another `cdk destroy`.
 *
 * @throws the last failure to reach Telegram or Secrets Manager, at the deadline
 */
export async function clearProfile(
  event: Delete,
  context: RequestContext,
): Promise<ClearedProfile> {
  const { PhysicalResourceId: botId } = event;
  // When CloudFormation cancels a create, it sends the delete with a generated id.
  const isCreated = /^\d+$/.test(botId);
  try {
    const { registration, Slots, Photo, ...bot } = parseProfile(event);
    const token = await readToken(bot, context);
    const owner = { botId: botIdOf(token), api: context.botApi(token, bot) };
    if (isCreated && owner.botId !== botId) {
      return left(`the secret now holds the token of bot ${owner.botId} instead of bot ${botId}`);
    }
    // Until then, a repair of the watch or a create that was cancelled could set again what is cleared.
    await context.clock.sleep(isCreated ? ATTEMPT_MS : CANCELLED_PROFILE_MS);
    const { url } = await retry(() => owner.api.getWebhookInfo(), {
      ...context,
      policy: telegramRetryPolicy,
    });
    const { path } = deriveWebhookSecrets(token, registration);
    if (url !== '' && !url.endsWith(`/${path}`)) {
      return left('the bot now belongs to another registration, whose profile it may be');
    }
    const applied = await applyProfile(parseSlots([], Slots), owner, context);
    if (Photo) await replacePhoto(undefined, owner, context, applied);
    return { cleared: applied.written, because: explainRest(applied) };
  } catch (error) {
    if (isOutOfReach(error)) return left(error.message);
    throw error;
  }
}

/** Whether there is nothing that can act for the bot, now or later: no token, or a resource that was never complete. */
function isOutOfReach(error: unknown): error is Error {
  if (error instanceof DeploymentError) return true;
  if (error instanceof TokenUnavailableError) return error.reason !== 'unreachable';
  return isTokenLost(error instanceof ProfileError ? error.cause : error);
}

function left(because: string): ClearedProfile {
  return { cleared: [], because };
}
