import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { botIdOfMessageGroup, Environment } from '../contract.ts';
import { apiRoot, requireEnv, telegramEnvironment } from '../runtime/environment.ts';
import { log } from '../runtime/log.ts';
import { once } from '../runtime/once.ts';
import { BotApi } from '../telegram/client.ts';
import type { OnUpdate } from './bot-api-call.ts';
import { botToken } from './bot-token.ts';
import { executeCall } from './execute-call.ts';
import { type QueuedUpdate, receiveBatch } from './receive-batch.ts';

/** Time reserved for sending the response: one second, or a tenth of the invocation if that is less. */
const MARGIN_MS = 1000;

const botApi = once(async () => {
  const address = { apiRoot: apiRoot(), environment: telegramEnvironment() };
  return new BotApi({ token: await botToken(), ...address });
});

/** Receives a batch from the queue: translates between the terms of SQS and those of `receiveBatch`. */
export async function consume(
  { Records }: SQSEvent,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
  onUpdate: OnUpdate,
): Promise<SQSBatchResponse> {
  const marginMs = Math.min(MARGIN_MS, context.getRemainingTimeInMillis() / 10);
  const remainingMs = () => context.getRemainingTimeInMillis() - marginMs;
  const unfinished = await receiveBatch(Records.map(queuedUpdate), {
    botId: Number(requireEnv(Environment.botId)),
    maxAttempts: Number(requireEnv(Environment.maxAttempts)),
    onUpdate,
    executeCall: async (call, updateId) =>
      executeCall(await botApi(), call, { updateId, remainingMs, sleep, log }),
    remainingMs,
    sleep,
    log,
  });
  return { batchItemFailures: unfinished.map(({ id }) => ({ itemIdentifier: id })) };
}

/** Translates an SQS record into the terms of `receiveBatch`. */
export function queuedUpdate({ messageId, body, attributes }: SQSRecord): QueuedUpdate {
  const group = attributes.MessageGroupId ?? messageId;
  return {
    id: messageId,
    group,
    botId: botIdOfMessageGroup(group),
    body,
    attempt: Number(attributes.ApproximateReceiveCount),
  };
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
