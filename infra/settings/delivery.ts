import { Duration } from 'aws-cdk-lib';

export interface QueuedDeliveryOptions {
  /**
   * How often the bot is tried with an update before it becomes a dead letter, 1 to 1000. A batch that
   * Lambda gives back untried, because the account is throttled, counts as a try: AWS advises 5 or more.
   *
   * @default 5
   */
  readonly maxAttempts?: number;

  /**
   * How long an update that failed, and what follows it in its chat, waits before the next try: at
   * least six times the time of an invocation, as AWS advises, and 12 hours at most.
   *
   * @default - six times `timeout` times `batchSize`
   */
  readonly visibilityTimeout?: Duration;

  /**
   * Updates in one invocation, 1 to 10. More of them share a cold start and a price, and the
   * invocation may take as many times `timeout`. They also share the fate of one that ends the process or
   * takes all of the time: for a bot that may, leave it at 1.
   *
   * @default 1
   */
  readonly batchSize?: number;

  /**
   * Invocations at the same time, 2 to 1000.
   *
   * @default - as many as there are chats with updates, within the account's limit
   */
  readonly maxConcurrency?: number;

  /**
   * How long an update waits on the queue, and again among the dead letters: 1 minute to 14 days.
   *
   * @default Duration.days(14)
   */
  readonly retention?: Duration;
}

/** What is settled about a queue; what is left open depends on the bot. */
export type QueuedDelivery = Required<
  Pick<QueuedDeliveryOptions, 'maxAttempts' | 'batchSize' | 'retention'>
> &
  Pick<QueuedDeliveryOptions, 'visibilityTimeout' | 'maxConcurrency'>;

/** The way of an update from the gateway to the bot. */
export class Delivery {
  /**
   * The bot runs inside of Telegram's request, and a call that it returns goes back as the answer.
   * Right for bots that are done within seconds.
   */
  static direct(): Delivery {
    return new Delivery(undefined);
  }

  /**
   * An update is acknowledged as soon as an SQS queue has it, and the bot runs behind the queue: for as
   * long as it needs, once for what Telegram delivers twice, one update of a chat after the other. What
   * keeps failing becomes a dead letter, and its chat goes on: `npm run dead-letters`.
   *
   * The queue and its dead letters go with the stack, with a rename of the construct, and with a change back
   * to direct delivery. What is there then is lost: see first that they are empty.
   */
  static queued(options: QueuedDeliveryOptions = {}): Delivery {
    const { maxAttempts = 5, batchSize = 1, retention = Duration.days(14), ...rest } = options;
    return new Delivery({ ...rest, maxAttempts, batchSize, retention });
  }

  /** Undefined for direct delivery. */
  readonly queue: QueuedDelivery | undefined;

  private constructor(queue: QueuedDelivery | undefined) {
    this.queue = queue;
  }
}
