import type { Update } from '@grammyjs/types';
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

/** An update that Telegram vouches for, and the JSON it came as. */
export interface AuthenticatedUpdate {
  readonly update: Update;
  readonly text: string;
}

const SECRET_HEADER = 'x-telegram-bot-api-secret-token';

/** Twice what Telegram sends at most. */
const MAX_BODY_BYTES = 1024 * 1024;

/**
 * Who may speak, and what counts as an update. Without a configured hash, all are refused. Refusals are
 * not logged: their status is in the gateway's access log, and no stranger should be able to write, line
 * after line, on the owner's bill.
 */
export function authenticateRequest(
  request: WebhookRequest,
  secretSha256: string | undefined,
): AuthenticatedUpdate | WebhookResponse {
  if (!secretSha256) return { statusCode: 401 };
  if (!isWebhookSecret(secretOf(request), secretSha256)) return { statusCode: 401 };
  if (bodyBytes(request) > MAX_BODY_BYTES) return { statusCode: 413 };
  const text = bodyText(request);
  const update = parseUpdate(text);
  return update ? { update, text } : { statusCode: 400 };
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
export function parseUpdate(text: string): Update | undefined {
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
export function isProbe(update: Update): boolean {
  return Object.keys(update).length === 1;
}
