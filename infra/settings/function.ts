import { Token } from 'aws-cdk-lib';
import type { Architecture, FunctionOptions, ILayerVersion } from 'aws-cdk-lib/aws-lambda';
import type { QueuedDelivery } from './delivery.ts';

/**
 * The options of `lambda.Function` that a bot may choose, under their own names. They apply to the function that runs
 * the bot, with either delivery, and neither to the ingress nor to the registrar.
 *
 * The others are left out on purpose:
 * - `memorySize`, `timeout`, `environment`, `tracing` and `logRetention` are props of `TelegramBot` itself.
 * - `code`, `handler`, `runtime`, `role`, `logGroup`, the log format and `description` are the kit's, which bundles the
 *   bot, reads its logs, and grants what it needs. `bot.addToRolePolicy` and `bot.addEventSource` stand in for
 *   `initialPolicy` and `events`.
 * - `functionName`: a change of the delivery creates another function before it deletes this one.
 * - `currentVersionOptions`, `snapStart`, `tenancyConfig` and `durableConfig` need versions, another runtime, or
 *   another caller than API Gateway and SQS.
 * - `profiling` and `adotInstrumentation` have nothing to hook into in a bundle for Node.js.
 */
export interface FunctionSettings
  extends Pick<
    FunctionOptions,
    | 'vpc'
    | 'vpcSubnets'
    | 'securityGroups'
    | 'allowAllOutbound'
    | 'allowAllIpv6Outbound'
    | 'ipv6AllowedForDualStack'
    | 'allowPublicSubnet'
    | 'filesystem'
    | 'ephemeralStorageSize'
    | 'paramsAndSecrets'
    | 'insightsVersion'
    | 'environmentEncryption'
    | 'codeSigningConfig'
    | 'runtimeManagementMode'
    | 'deadLetterQueue'
    | 'deadLetterTopic'
    | 'onFailure'
    | 'onSuccess'
    | 'retryAttempts'
    | 'maxEventAge'
  > {
  /**
   * The processor. Packages in `bundling.nodeModules` are installed for it.
   *
   * @default Architecture.ARM_64
   */
  readonly architecture?: Architecture;

  /**
   * Layers with further code. List the packages in them as `bundling.external`, or the bundle has them too.
   *
   * @default - no layers
   */
  readonly layers?: ILayerVersion[];

  /**
   * How many invocations of the bot may run at the same time, which also reserves them in the account. What exceeds
   * it is refused, and Telegram delivers it again later: set `maxConnections` to at most this number. A queue's
   * `maxConcurrency` has this number as its default.
   *
   * @default - as many as the account allows
   */
  readonly reservedConcurrentExecutions?: number;
}

/** The limits that a queue's concurrency may have. */
const LEAST_OF_SQS = 2;
const MOST_OF_SQS = 1000;

/**
 * Checks a function's options together with the delivery.
 *
 * @throws Error that shows the values, what is allowed, and the fix
 */
export function checkFunction(
  { reservedConcurrentExecutions: reserved }: FunctionSettings,
  queue: QueuedDelivery | undefined,
): void {
  if (reserved === undefined || Token.isUnresolved(reserved)) return;
  const least = queue ? LEAST_OF_SQS : 1;
  if (!Number.isInteger(reserved) || reserved < least) {
    throw new Error(
      `reservedConcurrentExecutions must be a whole number from ${least}, got ${reserved}: ` +
        (queue ? 'SQS runs two batches at least' : 'with 0, Lambda refuses every update'),
    );
  }
  const { maxConcurrency } = queue ?? {};
  if (maxConcurrency !== undefined && maxConcurrency > reserved) {
    throw new Error(
      `maxConcurrency must be at most reservedConcurrentExecutions, got ${maxConcurrency} and ${reserved}: a throttled ` +
        'batch counts as an attempt, so updates become dead letters that the bot has never seen',
    );
  }
}

/** Returns the concurrency of a queue, which is by default what is reserved for the bot. */
export function maxConcurrencyOf(
  { maxConcurrency }: QueuedDelivery,
  { reservedConcurrentExecutions: reserved }: FunctionSettings,
): number | undefined {
  return maxConcurrency ?? (reserved && Math.min(reserved, MOST_OF_SQS));
}
