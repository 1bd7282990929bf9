import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Context,
  SQSBatchResponse,
  SQSEvent,
} from 'aws-lambda';
import { configuredLocks } from '../inbound/webhook-secret.ts';
import { log } from '../runtime/log.ts';
import type { OnUpdate, UpdateContext } from './bot-api-call.ts';
import { isHttpRequest, isQueueBatch, UnknownEventError } from './event.ts';
import { type Receiver, receiveRequest } from './receive.ts';

export type { Update } from '@grammyjs/types';
export { apiRoot, botInfo, telegramEnvironment } from '../runtime/environment.ts';
export { once } from '../runtime/once.ts';
export type { InputFile } from '../telegram/body.ts';
export { TelegramRefusedError, TelegramUnreachableError } from '../telegram/errors.ts';
export { botApi, botToken } from './bot-api.ts';
export type { BotApiCall, OnUpdate, Reply, UpdateContext } from './bot-api-call.ts';
export { RetryLaterError, type RetryLaterOptions } from './retry-later.ts';

// A constant in a bundle, which therefore contains only what its delivery needs.
if (process.env.UPDATE_DELIVERY === 'queued') await import('./consume.ts');

/** The part of Lambda's context that the handler reads. */
export type InvocationContext = Pick<Context, 'getRemainingTimeInMillis'>;

/** A Lambda handler for both deliveries: it takes the gateway's requests and the queue's batches. */
export interface Handler {
  (
    event: APIGatewayProxyEventV2,
    context?: InvocationContext,
  ): Promise<APIGatewayProxyStructuredResultV2>;
  (event: SQSEvent, context: InvocationContext): Promise<SQSBatchResponse>;
  /** @throws UnknownEventError for any other event */
  (event: unknown, context: InvocationContext): Promise<unknown>;
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
  const receiver: Receiver = { ...configuredLocks(log), onUpdate, log };
  return (async (event: unknown, context: InvocationContext) => {
    if (isHttpRequest(event)) {
      return receiveRequest(event, receiver, new InvocationDeadline(context));
    }
    if (process.env.UPDATE_DELIVERY !== 'direct' && isQueueBatch(event)) {
      const { consume } = await import('./consume.ts');
      return consume(event, context, onUpdate);
    }
    throw new UnknownEventError(event);
  }) as Handler;
}

/** How long before its end an invocation's signal is aborted: a second, or a tenth of it if that is less. */
const MARGIN_MS = 1000;

/** A context that makes its signal only for bots that ask for it, because that takes as long as everything else. */
class InvocationDeadline implements UpdateContext {
  private readonly context?: InvocationContext;
  private made?: AbortSignal;

  constructor(context?: InvocationContext) {
    this.context = context;
  }

  /** Aborted shortly before Lambda ends the invocation. */
  get signal(): AbortSignal {
    this.made ??= this.context ? endOf(this.context) : new AbortController().signal;
    return this.made;
  }
}

function endOf(context: InvocationContext): AbortSignal {
  const remainingMs = context.getRemainingTimeInMillis();
  return AbortSignal.timeout(Math.max(0, remainingMs - Math.min(MARGIN_MS, remainingMs / 10)));
}
