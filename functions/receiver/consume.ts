import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { Queue } from '../aws/sqs.ts';
import { botIdOfMessageGroup, Environment } from '../contract.ts';
import { requireEnv } from '../runtime/environment.ts';
import { log } from '../runtime/log.ts';
import { once } from '../runtime/once.ts';
import { botApi } from './bot-api.ts';
import type { OnUpdate } from './bot-api-call.ts';
import { executeCall } from './execute-call.ts';
import { type QueuedUpdate, receiveBatch } from './receive-batch.ts';

/**
 * How long before the end of the invocation the bot's time is over: two seconds, or a fifth of the invocation if that
 * is less.
 */
const MARGIN_MS = 2000;

const updateQueue = once(async () => new Queue(requireEnv(Environment.updateQueueUrl)));

/** Receives updates from the queue, in the terms of SQS and Lambda. */
export async function consume(
  { Records }: SQSEvent,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
  onUpdate: OnUpdate,
): Promise<SQSBatchResponse> {
  const remainingMs = () => context.getRemainingTimeInMillis();
  const marginMs = Math.min(MARGIN_MS, remainingMs() / 5);
  const unfinished = await receiveBatch(Records.map(queuedUpdate), {
    botId: Number(requireEnv(Environment.botId)),
    maxAttempts: Number(requireEnv(Environment.maxAttempts)),
    onUpdate,
    executeCall: (call, updateId) =>
      executeCall(botApi(), call, {
        updateId,
        remainingMs: () => remainingMs() - marginMs,
        sleep,
        log,
      }),
    queue: {
      changeVisibility: async (...change) => (await updateQueue()).changeVisibility(...change),
      delete: async (receiptHandles) => (await updateQueue()).delete(receiptHandles),
    },
    remainingMs,
    marginMs,
    sleep,
    exit: () => process.exit(1),
    log,
  });
  return { batchItemFailures: unfinished.map(({ id }) => ({ itemIdentifier: id })) };
}

/** Translates an SQS record into the names of the rules. */
export function queuedUpdate({
  messageId,
  receiptHandle,
  body,
  attributes,
}: SQSRecord): QueuedUpdate {
  const group = attributes.MessageGroupId ?? messageId;
  return {
    id: messageId,
    receiptHandle,
    group,
    botId: botIdOfMessageGroup(group),
    body,
    attempt: Number(attributes.ApproximateReceiveCount),
  };
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });
}
