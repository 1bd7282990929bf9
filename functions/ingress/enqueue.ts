import {
  authenticateRequest,
  type WebhookRequest,
  type WebhookResponse,
} from '../inbound/authenticate.ts';
import { describeError, type ErrorFields } from '../runtime/describe-error.ts';
import { type Message, messageOf } from './message.ts';

export interface Ingress {
  /** SHA-256 of the webhook's secret_token in lower-case hexadecimal. Without it, all are refused. */
  readonly secretSha256: string | undefined;
  readonly botId: string;
  readonly queue: { send(message: Message): Promise<void> };
  readonly log: (line: UpdateUnqueued) => void;
}

export interface UpdateUnqueued extends ErrorFields {
  readonly event: 'update.unqueued';
  readonly updateId: number;
}

/**
 * The rules of the front: an update is acknowledged once the queue has it. Until then Telegram keeps
 * it, and after any answer that is not 2xx delivers it again. A deploy's probe takes the same way, and
 * so proves that the queue may be written to.
 */
export async function enqueueRequest(
  request: WebhookRequest,
  { secretSha256, botId, queue, log }: Ingress,
): Promise<WebhookResponse> {
  const admitted = authenticateRequest(request, secretSha256);
  if ('statusCode' in admitted) return admitted;
  try {
    await queue.send(messageOf(admitted, botId));
    return { statusCode: 200 };
  } catch (error) {
    log({
      event: 'update.unqueued',
      updateId: admitted.update.update_id,
      ...describeError(error),
    });
    return { statusCode: 500 };
  }
}
