import type { Update } from '@grammyjs/types';
import type { OnUpdate } from './bot-api-call.ts';
import { type ErrorFacts, errorFacts } from './error-facts.ts';
import { webhookReply } from './webhook-reply.ts';
import { isWebhookSecret } from './webhook-secret.ts';

/** An HTTP request as API Gateway hands it over (payload format 2.0), as far as the rules read it. */
export interface WebhookRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

export interface WebhookResponse {
  readonly statusCode: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

export interface Receiver {
  /** SHA-256 of the webhook's secret_token in lower-case hexadecimal. Without it, all are refused. */
  readonly secretSha256: string | undefined;
  readonly onUpdate: OnUpdate;
  readonly log: (line: UpdateFailed) => void;
}

/** The update's content is nobody's business but the bot's: the id is enough to find it again. */
export interface UpdateFailed extends ErrorFacts {
  readonly event: 'update.failed';
  readonly updateId: number;
}

const SECRET_HEADER = 'x-telegram-bot-api-secret-token';

/** Twice what Telegram sends at most. */
const MAX_BODY_BYTES = 1024 * 1024;

/**
 * The rules of the receiver: who may speak, what counts as an update, what the bot's outcome means.
 * Every answer that is not 2xx makes Telegram deliver again, so a status is chosen for who caused it:
 * 4xx the request, 500 the bot. Refusals are not logged: their status is in the gateway's access log,
 * and no stranger should be able to write, line after line, on the owner's bill.
 */
export async function receiveRequest(
  request: WebhookRequest,
  { secretSha256, onUpdate, log }: Receiver,
): Promise<WebhookResponse> {
  if (!secretSha256) return { statusCode: 401 };
  if (!isWebhookSecret(secretOf(request), secretSha256)) return { statusCode: 401 };
  if (bodyBytes(request) > MAX_BODY_BYTES) return { statusCode: 413 };
  const update = parseUpdate(bodyText(request));
  if (!update) return { statusCode: 400 };
  if (isProbe(update)) return { statusCode: 200 };
  try {
    const body = webhookReply(await onUpdate(update));
    if (!body) return { statusCode: 200 };
    return { statusCode: 200, headers: { 'content-type': 'application/json' }, body };
  } catch (error) {
    log({ event: 'update.failed', updateId: update.update_id, ...errorFacts(error) });
    return { statusCode: 500 };
  }
}

/**
 * API Gateway sends names in lower case and joins a repeated header with commas, which no secret
 * contains; where a front does neither, a header sent twice counts as none.
 */
function secretOf({ headers }: WebhookRequest): string | undefined {
  const values = Object.entries(headers)
    .filter(([name]) => name.toLowerCase() === SECRET_HEADER)
    .map(([, value]) => value);
  return values.length === 1 ? values[0] : undefined;
}

function bodyBytes({ body = '', isBase64Encoded }: WebhookRequest): number {
  return Buffer.byteLength(body, isBase64Encoded ? 'base64' : 'utf8');
}

function bodyText({ body = '', isBase64Encoded }: WebhookRequest): string {
  return isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
}

/** Only the envelope is checked: the content comes from Telegram, the secret vouches for it. */
function parseUpdate(text: string): Update | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const id = (value as Partial<Update> | null)?.update_id;
  return Number.isSafeInteger(id) && Number(id) >= 0 ? (value as Update) : undefined;
}

/** Every deploy sends an update that carries nothing, to prove the way from door to bot. */
function isProbe(update: Update): boolean {
  return Object.keys(update).length === 1;
}
