import { Duration } from 'aws-cdk-lib';
import { RetryDelays } from '../../functions/contract.ts';
import { checkWholeNumber } from './checks.ts';
import type { Endpoint, EndpointKind } from './endpoint.ts';

export interface QueuedDeliveryOptions {
  /**
   * How many times the bot may try an update before it becomes a dead letter, 1 to 1000. After an exception the
   * attempts of the default are over within two minutes, plus the time that they take themselves; in an outage they
   * span more than half an hour. A batch that Lambda returns untried, because the account is throttled, counts as an
   * attempt: AWS recommends 5 or more.
   *
   * @default 8
   */
  readonly maxAttempts?: number;

  /**
   * How long an update, and the updates behind it in its chat, wait for the next attempt when the bot could not
   * schedule it itself, because its process crashed: at least six times the invocation timeout, as AWS recommends, and
   * at most 12 hours.
   *
   * @default - six times `timeout` times `batchSize`
   */
  readonly visibilityTimeout?: Duration;

  /**
   * How many updates one invocation receives, 1 to 10. Larger batches cost less and share a cold start, and the
   * invocation timeout grows with the batch size. If one update crashes the process or uses up the time, the
   * whole batch is retried, so keep 1 for bots where that can happen.
   *
   * @default 1
   */
  readonly batchSize?: number;

  /**
   * How many invocations may run concurrently, 2 to 1000.
   *
   * @default - as many as there are chats with updates, within the account's limit
   */
  readonly maxConcurrency?: number;

  /**
   * How long an update is kept on the queue, and again among the dead letters: 1 minute to 14 days.
   *
   * @default Duration.days(14)
   */
  readonly retention?: Duration;
}

/**
 * The options of a queue, with their defaults. `visibilityTimeout` has none yet, because it depends on the
 * bot's timeout; `maxConcurrency` has none at all.
 */
export type QueuedDelivery = Required<
  Pick<QueuedDeliveryOptions, 'maxAttempts' | 'batchSize' | 'retention'>
> &
  Pick<QueuedDeliveryOptions, 'visibilityTimeout' | 'maxConcurrency'>;

/**
 * How updates get from the gateway to the bot.
 *
 * @example
 * new TelegramBot(this, 'Bot', { token, delivery: Delivery.queued({ maxConcurrency: 10 }) });
 */
export class Delivery {
  /**
   * Runs the bot during Telegram's request, and responds with the Bot API call that the bot returns. Suits bots
   * that finish within seconds.
   */
  static direct(): Delivery {
    return new Delivery(undefined);
  }

  /**
   * Acknowledges an update as soon as an SQS queue has it, and runs the bot behind the queue: for up to 15
   * minutes, in order within each chat, and once even if Telegram repeats the delivery within 5 minutes. An
   * update that keeps failing becomes a dead letter (`npm run dead-letters`), and its chat continues.
   *
   * The queue and its dead letters are deleted with the stack, when the construct is renamed, and when you
   * change back to direct delivery. Make sure that both are empty first.
   */
  static queued(options: QueuedDeliveryOptions = {}): Delivery {
    const { maxAttempts = 8, batchSize = 1, retention = Duration.days(14), ...rest } = options;
    return new Delivery({ ...rest, maxAttempts, batchSize, retention });
  }

  /** Undefined for direct delivery. */
  readonly queue: QueuedDelivery | undefined;

  private constructor(queue: QueuedDelivery | undefined) {
    this.queue = queue;
  }
}

/** Lambda's limit. */
const LONGEST_INVOCATION = Duration.minutes(15);
const SHORTEST_RETENTION = Duration.minutes(1);
const LONGEST_RETENTION = Duration.days(14);
const LONGEST_VISIBILITY = Duration.hours(12);
/**
 * AWS recommends six times the function timeout plus the batch window, because throttled invocations are
 * retried within that time. FIFO event sources have no batch window.
 */
const VISIBILITY_FACTOR = 6;

/** Returns how long one invocation may take: a batch may belong to one chat, whose updates run one by one. */
export function invocationTimeout(queue: QueuedDelivery | undefined, timeout: Duration): Duration {
  return queue && !timeout.isUnresolved()
    ? Duration.seconds(timeout.toSeconds() * queue.batchSize)
    : timeout;
}

/** Returns how long a failed update waits for its next attempt. */
export function visibilityTimeout(queue: QueuedDelivery, timeout: Duration): Duration {
  if (queue.visibilityTimeout) return queue.visibilityTimeout;
  const invocation = timeout.isUnresolved()
    ? LONGEST_INVOCATION
    : invocationTimeout(queue, timeout);
  return Duration.seconds(invocation.toSeconds() * VISIBILITY_FACTOR);
}

/**
 * Checks a delivery together with the bot's timeout and endpoint.
 *
 * @throws Error that shows the value, what is allowed, and the fix
 */
export function checkDelivery({ queue }: Delivery, timeout: Duration, { kind }: Endpoint): void {
  checkTimeout(timeout, queue ? 'queue' : kind.type);
  if (!queue) return;
  const { maxAttempts, batchSize, maxConcurrency, retention } = queue;
  checkWholeNumber('maxAttempts', maxAttempts, { min: 1, max: 1000 });
  checkWholeNumber('batchSize', batchSize, { min: 1, max: 10 });
  if (maxConcurrency !== undefined) {
    checkWholeNumber('maxConcurrency', maxConcurrency, { min: 2, max: 1000 });
  }
  checkRange('retention', retention, SHORTEST_RETENTION, LONGEST_RETENTION);
  if (timeout.isUnresolved()) return;
  const invocation = timeout.toSeconds() * batchSize;
  if (invocation > LONGEST_INVOCATION.toSeconds()) {
    throw new Error(
      `timeout times batchSize must be at most 15 minutes, got ${timeout.toSeconds()} s times ${batchSize}: ` +
        'lower one of them',
    );
  }
  const visibility = visibilityTimeout(queue, timeout);
  checkRange(
    'visibilityTimeout',
    visibility,
    Duration.seconds(invocation * VISIBILITY_FACTOR),
    LONGEST_VISIBILITY,
  );
  if (visibility.isUnresolved() || retention.isUnresolved()) return;
  const attempts = longestAttempts(maxAttempts, visibility);
  if (attempts.toSeconds() >= retention.toSeconds()) {
    throw new Error(
      `retention must be longer than ${attempts.toHumanString()} (maxAttempts ${maxAttempts}, visibilityTimeout ` +
        `${visibility.toHumanString()}), got ${retention.toHumanString()}: an update would expire before its last attempt`,
    );
  }
}

/** Returns how long all attempts take at most: each waits for an outage, or for a visibility timeout if that is longer. */
function longestAttempts(maxAttempts: number, visibility: Duration): Duration {
  const { outage } = RetryDelays;
  const waits = Array.from({ length: maxAttempts }, (_, index) =>
    Math.max(visibility.toSeconds(), outage[Math.min(index, outage.length - 1)] ?? 0),
  );
  return Duration.seconds(waits.reduce((sum, wait) => sum + wait, 0));
}

/** The longest invocation in seconds, and the reason, by what waits for it. */
const LONGEST: Readonly<Record<EndpointKind['type'] | 'queue', readonly [number, string]>> = {
  queue: [LONGEST_INVOCATION.toSeconds(), "which is Lambda's limit"],
  'own-api': [29, 'because API Gateway times out at 30 (Delivery.queued() allows 900)'],
  'shared-api': [29, 'because API Gateway times out at 30 (Delivery.queued() allows 900)'],
  'function-url': [
    50,
    'because Telegram gives up after 60, of which a cold start takes some (Delivery.queued() allows 900)',
  ],
};

function checkTimeout(value: Duration, caller: keyof typeof LONGEST): void {
  if (value.isUnresolved()) return;
  const [max, why] = LONGEST[caller];
  const seconds = value.toSeconds({ integral: false });
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= max) return;
  throw new Error(`timeout must be 1 to ${max} whole seconds, ${why}; got ${seconds} s`);
}

function checkRange(name: string, value: Duration, min: Duration, max: Duration): void {
  if (value.isUnresolved()) return;
  const seconds = value.toSeconds({ integral: false });
  if (Number.isInteger(seconds) && seconds >= min.toSeconds() && seconds <= max.toSeconds()) {
    return;
  }
  throw new Error(
    `${name} must be ${min.toHumanString()} to ${max.toHumanString()} in whole seconds, got ${value.toHumanString()}`,
  );
}
