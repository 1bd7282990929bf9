import type { Update } from '@grammyjs/types';
import { isLongerThan } from '../runtime/utf8.ts';
import { isWebhookSecret, type WebhookLocks } from './webhook-secret.ts';

/** An HTTP request from API Gateway or a Function URL (payload format 2.0), reduced to what the rules read. */
export interface WebhookRequest {
  readonly rawPath?: string;
  readonly requestContext?: {
    /** `$default` for a request that has passed no route: a Function URL has none. */
    readonly routeKey?: string;
    readonly http?: { readonly method: string };
  };
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

export interface WebhookResponse {
  readonly statusCode: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** An update that came with the webhook's secret, and the JSON it was parsed from. */
export interface AuthenticatedUpdate {
  readonly update: Update;
  readonly text: string;
}

const SECRET_HEADER = 'x-telegram-bot-api-secret-token';

/** Twice the size of the largest update that Telegram sends. */
const MAX_BODY_BYTES = 1024 * 1024;

/**
 * Authenticates a request and parses its update. Fails closed when no hash is configured. Rejections are not
 * logged: the access log has the status, and an unauthenticated caller must not be able to run up log costs.
 *
 * @returns the update, or the response that refuses the request: 404, 401, 413 or 400
 */
export function authenticateRequest(
  request: WebhookRequest,
  { secretSha256, pathSha256 }: WebhookLocks,
): AuthenticatedUpdate | WebhookResponse {
  if (pathSha256 !== undefined && !isRouted(request, pathSha256)) return { statusCode: 404 };
  if (!secretSha256) return { statusCode: 401 };
  if (!isWebhookSecret(secretOf(request), secretSha256)) return { statusCode: 401 };
  if (isTooLarge(request)) return { statusCode: 413 };
  const text = bodyText(request);
  const update = parseUpdate(text);
  return update ? { update, text } : { statusCode: 400 };
}

/**
 * Whether a request is one that a route of the gateway would pass on. While a bot moves from an API to a Function URL,
 * its receiver serves both.
 */
function isRouted({ rawPath = '', requestContext }: WebhookRequest, pathSha256: string): boolean {
  if (requestContext?.routeKey !== '$default') return true;
  if (requestContext.http?.method !== 'POST') return false;
  // A proxy may have added a base path, which is no secret.
  return isWebhookSecret(rawPath.slice(rawPath.lastIndexOf('/') + 1), pathSha256);
}

/**
 * Returns the secret that a request presents. API Gateway sends header names in lower case and joins a repeated
 * header with commas, which no secret contains. If a proxy does neither, a repeated header counts as missing.
 */
function secretOf({ headers }: WebhookRequest): string | undefined {
  const secret = headers[SECRET_HEADER];
  if (secret !== undefined) return secret;
  const others = Object.keys(headers).filter((name) => name.toLowerCase() === SECRET_HEADER);
  return others.length === 1 ? headers[String(others[0])] : undefined;
}

function isTooLarge({ body = '', isBase64Encoded }: WebhookRequest): boolean {
  return isBase64Encoded
    ? Buffer.byteLength(body, 'base64') > MAX_BODY_BYTES
    : isLongerThan(MAX_BODY_BYTES, body);
}

function bodyText({ body = '', isBase64Encoded }: WebhookRequest): string {
  return isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
}

/**
 * Parses the JSON of an update; returns undefined for anything else. Only the envelope is checked, because
 * the secret vouches for the content.
 */
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
