import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { Queue } from '../aws/sqs.ts';
import { Environment } from '../contract.ts';
import { configuredLocks } from '../inbound/webhook-secret.ts';
import { requireEnv } from '../runtime/environment.ts';
import { log } from '../runtime/log.ts';
import { whileLoading } from '../runtime/while-loading.ts';
import { enqueueRequest } from './enqueue.ts';

const queue = new Queue(requireEnv(Environment.updateQueueUrl));
const ingress = {
  ...configuredLocks(log),
  botId: requireEnv(Environment.botId),
  queue,
  log,
};

await whileLoading((signal) => queue.open(signal));

/**
 * The Lambda handler between the gateway and the queue. It enqueues Telegram's updates and refuses everything
 * else.
 */
export function handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  return enqueueRequest(event, ingress);
}
