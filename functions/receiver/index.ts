import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Context,
  SQSBatchResponse,
  SQSEvent,
} from 'aws-lambda';
import { configuredSecretSha256 } from '../inbound/configured-secret.ts';
import { log } from '../runtime/log.ts';
import type { OnUpdate } from './bot-api-call.ts';
import { receiveRequest } from './receive.ts';

export type { Update } from '@grammyjs/types';
export { apiRoot, botInfo } from '../runtime/environment.ts';
export type { BotApiCall, OnUpdate, Reply } from './bot-api-call.ts';
export { botToken, once } from './bot-token.ts';

/** A Lambda handler for either delivery: the gateway's requests, or what comes from the queue. */
export interface Handler {
  (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2>;
  (event: SQSEvent, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<SQSBatchResponse>;
}

/** The Lambda handler that lets Telegram's updates, and nobody else's, through to `onUpdate`. */
export function receive(onUpdate: OnUpdate): Handler {
  const receiver = { secretSha256: configuredSecretSha256(log), onUpdate, log };
  return (async (event: APIGatewayProxyEventV2 | SQSEvent, context: Context) => {
    if (!('Records' in event)) return receiveRequest(event, receiver);
    // In a chunk of its own: a bot that is called by the gateway never needs it.
    const { consume } = await import('./consume.ts');
    return consume(event, context, onUpdate);
  }) as Handler;
}
