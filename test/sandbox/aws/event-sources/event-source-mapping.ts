import { REGION } from '../account.ts';
import type { Iam } from '../iam.ts';
import type { Invocation } from '../lambda/lambda.ts';
import { type FifoQueue, md5, type ReceivedMessage } from '../sqs/fifo-queue.ts';
import { systemAttributes } from '../sqs/sqs-actions.ts';
import { failedItems } from './failed-items.ts';

export interface MappingConfiguration {
  readonly functionName: string;
  readonly queueArn: string;
  /** 1 to 10. */
  readonly batchSize: number;
  /** Of invocations. @default 10, because each is a process here */
  readonly maxConcurrency?: number;
  readonly reportsBatchItemFailures: boolean;
}

export interface MappingTools {
  readonly queue: FifoQueue;
  readonly iam: Iam;
  /** The function's role, as it is now; undefined when the function is gone. */
  readonly roleArn: (functionName: string) => string | undefined;
  readonly invoke: (functionName: string, event: object) => Promise<Invocation>;
  readonly retriesAtOnce: () => boolean;
  readonly onBatch: (report: BatchReport) => void;
}

/** How a batch went. */
export interface BatchReport {
  readonly messages: number;
  /** Of them, what comes again. */
  readonly failed: number;
}

/** What a mapping does with its queue, by the function's rights. */
export const QUEUE_RIGHTS = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

/** Bytes of an event that Lambda hands to a function. */
const EVENT_LIMIT = 6_291_456;

/**
 * Takes batches from a queue, has a function run for each, and deletes what the function is done with.
 * What it is not stays invisible until its time is over. Of a group no two batches are under way: the
 * queue sees to that.
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

  /** Takes nothing more; what is under way goes on. */
  stop(): void {
    this.stopped = true;
    this.unsubscribe();
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.running);
  }

  private poll(): void {
    const { batchSize, maxConcurrency = 10 } = this.configuration;
    while (!this.stopped && this.running.size < maxConcurrency && this.may()) {
      const batch = this.tools.queue.receive({ max: batchSize });
      if (batch.length === 0) return;
      const handled = this.handle(batch).finally(() => {
        this.running.delete(handled);
        this.poll();
      });
      this.running.add(handled);
    }
  }

  private may(): boolean {
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
    this.tools.onBatch({ messages: batch.length, failed: failed.size });
  }

  /** @returns the ids of what is not done */
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
      // Throttled, or gone.
      return all;
    }
  }

  private settle(receiptHandle: string, hasFailed: boolean): void {
    const { queue, retriesAtOnce } = this.tools;
    try {
      if (!hasFailed) queue.delete(receiptHandle);
      else if (retriesAtOnce()) queue.changeVisibility(receiptHandle, 0);
    } catch {
      // It took so long that somebody else may have it by now.
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
      awsRegion: REGION,
    };
  }
}
