import { Duration } from 'aws-cdk-lib';
import { checkWholeNumber } from './checks.ts';
import type { Delivery, QueuedDelivery } from './delivery.ts';

/** A Lambda function runs no longer. */
const LONGEST_INVOCATION = Duration.minutes(15);
const SHORTEST_RETENTION = Duration.minutes(1);
const LONGEST_RETENTION = Duration.days(14);
const LONGEST_VISIBILITY = Duration.hours(12);
/**
 * What AWS advises: throttled invocations are tried again within that time. The batch window, which it has
 * one add, is something that Lambda does not offer for FIFO queues.
 */
const VISIBILITY_FACTOR = 6;

/** How long an invocation of the bot may take: every update of a batch may be of one chat. */
export function invocationTimeout(queue: QueuedDelivery | undefined, timeout: Duration): Duration {
  return queue && !timeout.isUnresolved()
    ? Duration.seconds(timeout.toSeconds() * queue.batchSize)
    : timeout;
}

/** How long what failed waits for its next attempt. */
export function visibilityTimeout(queue: QueuedDelivery, timeout: Duration): Duration {
  if (queue.visibilityTimeout) return queue.visibilityTimeout;
  const invocation = timeout.isUnresolved()
    ? LONGEST_INVOCATION
    : invocationTimeout(queue, timeout);
  return Duration.seconds(invocation.toSeconds() * VISIBILITY_FACTOR);
}

/** @throws Error that shows the value, what is allowed, and the fix */
export function checkDelivery({ queue }: Delivery, timeout: Duration): void {
  checkTimeout(timeout, queue);
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
  const attempts = Duration.seconds(visibility.toSeconds() * maxAttempts);
  if (attempts.toSeconds() >= retention.toSeconds()) {
    throw new Error(
      `retention must be longer than ${attempts.toHumanString()} (maxAttempts ${maxAttempts}, visibilityTimeout ` +
        `${visibility.toHumanString()}), got ${retention.toHumanString()}: an update would be gone before its last attempt`,
    );
  }
}

function checkTimeout(value: Duration, queue: QueuedDelivery | undefined): void {
  if (value.isUnresolved()) return;
  const [max, why] = queue
    ? [LONGEST_INVOCATION.toSeconds(), 'because Lambda runs no longer']
    : [29, 'because API Gateway gives up at 30'];
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
