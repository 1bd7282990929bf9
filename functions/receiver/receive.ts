import { isProbe } from '../contract.ts';
import {
  authenticateRequest,
  type WebhookRequest,
  type WebhookResponse,
} from '../inbound/authenticate.ts';
import type { WebhookLocks } from '../inbound/webhook-secret.ts';
import { describeError, type ErrorFields, inspectable } from '../runtime/describe-error.ts';
import type { OnUpdate, UpdateContext } from './bot-api-call.ts';
import { RetryLaterError } from './retry-later.ts';
import {
  type CallRefused,
  ForbiddenCallError,
  forbiddenCall,
  webhookReply,
} from './webhook-reply.ts';

export interface Receiver extends WebhookLocks {
  readonly onUpdate: OnUpdate;
  readonly log: (line: UpdateFailed | CallRefused) => void;
}

/** Leaves out the update's content, which is private; the id is enough to find it again. */
export interface UpdateFailed extends ErrorFields {
  readonly event: 'update.failed';
  readonly updateId: number;
}

/**
 * Runs the bot during Telegram's request, and turns its outcome into the response. Telegram delivers again
 * after any response that is not 2xx, so the status only says what caused the failure: 4xx for the request,
 * 500 for the bot.
 */
export async function receiveRequest(
  request: WebhookRequest,
  receiver: Receiver,
  context: UpdateContext,
): Promise<WebhookResponse> {
  const { onUpdate, log } = receiver;
  const authenticated = authenticateRequest(request, receiver);
  if ('statusCode' in authenticated) return authenticated;
  const { update } = authenticated;
  if (isProbe(update)) return { statusCode: 200 };
  try {
    const body = webhookReply(await onUpdate(update, context));
    if (!body) return { statusCode: 200 };
    return { statusCode: 200, headers: { 'content-type': 'application/json' }, body };
  } catch (thrown) {
    const error = inspectable(thrown);
    if (error instanceof ForbiddenCallError) {
      log(forbiddenCall(update.update_id, error));
      return { statusCode: 200 };
    }
    log({ event: 'update.failed', updateId: update.update_id, ...describeError(error) });
    return {
      statusCode: 500,
      // Telegram waits as long as it is asked to, up to an hour.
      ...(error instanceof RetryLaterError && {
        headers: { 'retry-after': String(error.seconds) },
      }),
    };
  }
}
