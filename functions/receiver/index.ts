import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Context,
  SQSBatchResponse,
  SQSEvent,
} from 'aws-lambda';
import { configuredSecretSha256 } from '../inbound/webhook-secret.ts';
import { log } from '../runtime/log.ts';
import type { OnUpdate } from './bot-api-call.ts';
import { receiveRequest } from './receive.ts';

export type { Update } from '@grammyjs/types';
export { apiRoot, botInfo, telegramEnvironment } from '../runtime/environment.ts';
export { once } from '../runtime/once.ts';
export type { BotApiCall, OnUpdate, Reply } from './bot-api-call.ts';
export { botToken } from './bot-token.ts';

/** A Lambda handler for both deliveries: it takes the gateway's requests and the queue's batches. */
export interface Handler {
  (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2>;
  (event: SQSEvent, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<SQSBatchResponse>;
}

/**
 * Creates the Lambda handler of a bot. It passes Telegram's updates to `onUpdate`, and refuses requests that do
 * not carry the webhook's secret.
 *
 * @example
 * export const handler = receive(async ({ message }) => {
 *   if (message?.text) {
 *     return { method: 'sendMessage', chat_id: message.chat.id, text: message.text };
 *   }
 * });
 */
export function receive(onUpdate: OnUpdate): Handler {
  const receiver = { secretSha256: configuredSecretSha256(log), onUpdate, log };
  return (async (event: APIGatewayProxyEventV2 | SQSEvent, context: Context) => {
    if (!('Records' in event)) return receiveRequest(event, receiver);
    // In a chunk of its own: a bot that the gateway invokes never needs it.
    const { consume } = await import('./consume.ts');
    return consume(event, context, onUpdate);
  }) as Handler;
}
