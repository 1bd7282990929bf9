import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { Queue } from '../aws/sqs.ts';
import { Environment } from '../contract.ts';
import { configuredSecretSha256 } from '../inbound/configured-secret.ts';
import { requireEnv } from '../runtime/environment.ts';
import { log } from '../runtime/log.ts';
import { enqueueRequest } from './enqueue.ts';

const front = {
  secretSha256: configuredSecretSha256(log),
  botId: requireEnv(Environment.botId),
  queue: new Queue(requireEnv(Environment.updateQueueUrl)),
  log,
};

/** The Lambda between the gateway and the queue: Telegram's updates, and nobody else's, are put on it. */
export function handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  return enqueueRequest(event, front);
}
