import { locationOf } from '../account.ts';
import type { Iam } from '../iam.ts';
import type { CompletedInvocation } from '../lambda/lambda.ts';
import { type FifoQueue, md5, type ReceivedMessage } from '../sqs/fifo-queue.ts';
import { systemAttributes } from '../sqs/sqs-actions.ts';
import { failedItems } from './failed-items.ts';

export interface MappingConfiguration {
  readonly functionName: string;
  readonly queueArn: string;
  /** 1 to 10. */
  readonly batchSize: number;
  /** The maximum number of concurrent invocations. @default 10, because each is a process here */
  readonly maxConcurrency?: number;
  readonly reportsBatchItemFailures: boolean;
}

export interface MappingTools {
  readonly queue: FifoQueue;
  readonly iam: Iam;
  /** Returns the function's current role, or `undefined` when the function does not exist. */
  readonly roleArn: (functionName: string) => string | undefined;
  readonly invoke: (functionName: string, event: object) => Promise<CompletedInvocation>;
  readonly retriesAtOnce: () => boolean;
  readonly onBatch: (report: BatchReport) => void;
}

/** The outcome of a batch. */
export interface BatchReport {
  readonly messages: number;
  /** How many of them will be delivered again. */
  readonly failed: number;
  readonly queueArn: string;
  readonly batch: readonly ReceivedMessage[];
  /** Ids of the messages that will be delivered again. */
  readonly failedIds: ReadonlySet<string>;
}

/** The actions that a mapping performs on its queue, with the permissions of the function's role. */
export const QUEUE_RIGHTS = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

/** The largest event that Lambda sends to a function, in bytes. */
const EVENT_LIMIT = 6_291_456;

/**
 * Receives batches from a queue, invokes a function with each, and deletes the messages that it has
 * handled. Failed messages stay invisible until their visibility timeout is over. The queue makes sure
 * that no two batches of a group are in progress at the same time.
 */
export class EventSourceMapping {
  private current: MappingConfiguration;
  private readonly tools: MappingTools;
  private readonly unsubscribe: () => void;
  private readonly running = new Set<Promise<void>>();
  private stopped = false;

  constructor(configuration: MappingConfiguration, tools: MappingTools) {
    this.current = configuration;
    this.tools = tools;
    this.unsubscribe = tools.queue.onArrival(() => this.poll());
    this.poll();
  }

  get configuration(): MappingConfiguration {
    return this.current;
  }

  update(configuration: MappingConfiguration): void {
    this.current = configuration;
    this.poll();
  }

  /** Stops receiving. Batches in progress continue. */
  stop(): void {
    this.stopped = true;
    this.unsubscribe();
  }

  /** Resolves when no batch is in progress. */
  async idle(): Promise<void> {
    await Promise.all(this.running);
  }

  private poll(): void {
    const { batchSize, maxConcurrency = 10 } = this.configuration;
    while (!this.stopped && this.running.size < maxConcurrency && this.mayReceive()) {
      const batch = this.tools.queue.receive({ max: batchSize });
      if (batch.length === 0) return;
      const handled = this.handle(batch).finally(() => {
        this.running.delete(handled);
        this.poll();
      });
      this.running.add(handled);
    }
  }

  private mayReceive(): boolean {
    const { iam, roleArn } = this.tools;
    const { functionName, queueArn } = this.configuration;
    const role = roleArn(functionName);
    if (role === undefined) return false;
    return QUEUE_RIGHTS.every((action) => iam.allows(role, action, queueArn));
  }

  private async handle(batch: readonly ReceivedMessage[]): Promise<void> {
    const event = { Records: batch.map((message) => this.record(message)) };
    if (batch.length > 1 && Buffer.byteLength(JSON.stringify(event)) > EVENT_LIMIT) {
      const half = Math.ceil(batch.length / 2);
      await this.handle(batch.slice(0, half));
      return this.handle(batch.slice(half));
    }
    const failed = await this.run(event, batch);
    for (const { id, receiptHandle } of batch) this.settle(receiptHandle, failed.has(id));
    const { queueArn } = this.configuration;
    this.tools.onBatch({
      messages: batch.length,
      failed: failed.size,
      queueArn,
      batch,
      failedIds: failed,
    });
  }

  /** Invokes the function with a batch. @returns the ids of the messages that failed */
  private async run(event: object, batch: readonly ReceivedMessage[]): Promise<Set<string>> {
    const all = new Set(batch.map(({ id }) => id));
    try {
      const { functionError, payload } = await this.tools.invoke(
        this.configuration.functionName,
        event,
      );
      if (functionError) return all;
      return this.configuration.reportsBatchItemFailures ? failedItems(payload, all) : new Set();
    } catch {
      // The function was throttled, or it does not exist any more.
      return all;
    }
  }

  private settle(receiptHandle: string, hasFailed: boolean): void {
    const { queue, retriesAtOnce } = this.tools;
    try {
      if (!hasFailed) queue.delete(receiptHandle);
      else if (retriesAtOnce()) queue.changeVisibility(receiptHandle, 0);
    } catch {
      // The visibility timeout is over, so another consumer may hold the message by now.
    }
  }

  private record(message: ReceivedMessage): object {
    return {
      messageId: message.id,
      receiptHandle: message.receiptHandle,
      body: message.body,
      attributes: systemAttributes(message),
      messageAttributes: {},
      md5OfBody: md5(message.body),
      eventSource: 'aws:sqs',
      eventSourceARN: this.configuration.queueArn,
      awsRegion: locationOf(this.configuration.queueArn).region,
    };
  }
}
