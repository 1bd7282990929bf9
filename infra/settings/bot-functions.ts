import { Duration } from 'aws-cdk-lib';
import { type BotProperties, Environment } from '../../functions/contract.ts';
import type { BotIdentity } from '../constructs/bot-identity.ts';
import type { NodeFunctionProps } from '../constructs/node-function.ts';
import type { UpdateQueue } from '../constructs/update-queue.ts';
import type { BotSettings } from './bot.ts';
import { invocationTimeout } from './delivery.ts';

/** Returns the props of the function that runs the bot, with either delivery. */
export function botFunction(
  identity: BotIdentity,
  { TokenSecret, ApiRoot, TelegramEnvironment }: BotProperties,
  settings: Required<BotSettings>,
): NodeFunctionProps {
  const { bundling, delivery, entry, environment, logRetention, memorySize, timeout, tracing } =
    settings;
  const { queue } = delivery;
  // A constant that the receiver reads, so that the bundle contains only the code for this delivery.
  const define = { 'process.env.UPDATE_DELIVERY': queue ? '"queued"' : '"direct"' };
  return {
    ...settings.function,
    entry,
    bundling: { ...bundling, define: { ...bundling.define, ...define } },
    description: queue
      ? 'Runs a Telegram bot behind its queue'
      : 'Receives the updates of a Telegram bot',
    memorySize,
    timeout: invocationTimeout(queue, timeout),
    environment: {
      ...environment,
      // Behind a queue no request is compared with it. But a new token changes it, and that replaces the
      // execution environments that have cached the previous token.
      [Environment.webhookSecretSha256]: identity.webhookSecretSha256,
      [Environment.tokenSecret]: TokenSecret,
      [Environment.botInfo]: identity.botInfo,
      [Environment.apiRoot]: ApiRoot,
      ...(TelegramEnvironment && { [Environment.telegramEnvironment]: TelegramEnvironment }),
      ...(queue && {
        [Environment.botId]: identity.botId,
        [Environment.maxAttempts]: String(queue.maxAttempts),
      }),
    },
    logRetention,
    tracing,
  };
}

/** Returns the props of the ingress. It takes milliseconds, unless SQS is slow. */
export function ingressFunction(
  identity: BotIdentity,
  { updates }: UpdateQueue,
  { logRetention, tracing }: Required<BotSettings>,
): NodeFunctionProps {
  return {
    entry: 'functions/ingress/index.ts',
    description: 'Receives the updates of a Telegram bot for its queue',
    memorySize: 256,
    timeout: Duration.seconds(10),
    environment: {
      [Environment.webhookSecretSha256]: identity.webhookSecretSha256,
      [Environment.botId]: identity.botId,
      [Environment.updateQueueUrl]: updates.queueUrl,
    },
    logRetention,
    tracing,
  };
}
