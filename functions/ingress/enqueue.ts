import type { Message } from '../aws/sqs.ts';
import {
  authenticateRequest,
  type WebhookRequest,
  type WebhookResponse,
} from '../inbound/authenticate.ts';
import type { WebhookLocks } from '../inbound/webhook-secret.ts';
import { describeError, type ErrorFields } from '../runtime/describe-error.ts';
import { toMessage } from './message.ts';

export interface Ingress extends WebhookLocks {
  readonly botId: string;
  readonly queue: { send(message: Message): Promise<void> };
  readonly log: (line: UpdateUnqueued) => void;
}

export interface UpdateUnqueued extends ErrorFields {
  readonly event: 'update.unqueued';
  readonly updateId: number;
}

/**
 * Authenticates an update, enqueues it, and acknowledges it once the queue has it. Until then Telegram keeps
 * the update, and delivers it again after any response that is not 2xx. A deploy's probe is queued too, which
 * shows that the ingress may send to the queue.
 */
export async function enqueueRequest(
  request: WebhookRequest,
  ingress: Ingress,
): Promise<WebhookResponse> {
  const { botId, queue, log } = ingress;
  const authenticated = authenticateRequest(request, ingress);
  if ('statusCode' in authenticated) return authenticated;
  try {
    await queue.send(toMessage(authenticated, botId));
    return { statusCode: 200 };
  } catch (error) {
    const updateId = authenticated.update.update_id;
    log({ event: 'update.unqueued', updateId, ...describeError(error) });
    return { statusCode: 500 };
  }
}
