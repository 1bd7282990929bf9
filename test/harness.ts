import { createHash } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { WebhookRequest, WebhookResponse } from '../functions/inbound/authenticate.ts';
import type { WebhookLocks } from '../functions/inbound/webhook-secret.ts';
import type { OnUpdate, Update } from '../functions/receiver/index.ts';
import { receiveRequest, type UpdateFailed } from '../functions/receiver/receive.ts';
import type { CallRefused } from '../functions/receiver/webhook-reply.ts';

/** A secret in the shape of a derived one: 43 characters of base64url. */
export const SECRET = 'FAKE-webhook_secret'.padEnd(43, '0');
export const SECRET_SHA256 = sha256(SECRET);
export const SECRET_HEADER = 'x-telegram-bot-api-secret-token';

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Makes a delivery the way Telegram does, with the right secret, unless `changes` replace it. */
export function delivery(body: unknown, changes: Partial<WebhookRequest> = {}): WebhookRequest {
  return {
    headers: { 'content-type': 'application/json', [SECRET_HEADER]: SECRET },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    isBase64Encoded: false,
    ...changes,
  };
}

export function message(text: string, updateId = 1): Update {
  const person = { id: 42, first_name: 'Ada' };
  return {
    update_id: updateId,
    message: {
      message_id: 7,
      date: 1_800_000_000,
      chat: { ...person, type: 'private' },
      from: { ...person, is_bot: false },
      text,
    },
  };
}

/** Wraps a request in the event that an HTTP API of API Gateway makes of it. */
export function httpApiEvent(
  request: Omit<WebhookRequest, 'rawPath' | 'requestContext'>,
): APIGatewayProxyEventV2 {
  const path = '/fake-secret-path';
  return {
    version: '2.0',
    routeKey: `POST ${path}`,
    rawPath: path,
    rawQueryString: '',
    requestContext: {
      accountId: '123456789012',
      apiId: 'api',
      domainName: 'api.execute-api.us-east-1.amazonaws.com',
      domainPrefix: 'api',
      http: {
        method: 'POST',
        path,
        protocol: 'HTTP/1.1',
        sourceIp: '149.154.167.1',
        userAgent: '',
      },
      requestId: 'request',
      routeKey: `POST ${path}`,
      stage: '$default',
      time: '15/Jan/2027:08:00:00 +0000',
      timeEpoch: 1_800_000_000_000,
    },
    ...request,
  };
}

export interface ReceiveOutcome {
  readonly response: WebhookResponse;
  /** The updates that were passed to the bot. */
  readonly seen: readonly Update[];
  readonly logged: readonly (UpdateFailed | CallRefused)[];
}

type AnyBot = (update: Update) => unknown;

/** Sends one request through the rules to a bot, and records what the bot sees. */
export async function sendUpdate(
  request: WebhookRequest,
  onUpdate: AnyBot = () => undefined,
  configured: WebhookLocks = { secretSha256: SECRET_SHA256 },
): Promise<ReceiveOutcome> {
  const seen: Update[] = [];
  const logged: (UpdateFailed | CallRefused)[] = [];
  const bot: AnyBot = (update) => {
    seen.push(update);
    return onUpdate(update);
  };
  const response = await receiveRequest(
    request,
    { ...configured, onUpdate: bot as OnUpdate, log: (line) => logged.push(line) },
    { signal: new AbortController().signal },
  );
  return { response, seen, logged };
}
