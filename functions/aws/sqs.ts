import type { ConnectionsOptions } from '../http/connections.ts';
import { AwsClient } from './client.ts';
import { AwsRefusedError } from './errors.ts';

/** How long one attempt may take. The ingress times out after 10 s, API Gateway after 30. */
const ATTEMPT_MS = 3000;
const ATTEMPTS = 2;

/** A message of a FIFO queue, with SQS's names. */
export interface Message {
  readonly MessageBody: string;
  readonly MessageGroupId: string;
  readonly MessageDeduplicationId: string;
}

export interface QueueOptions extends ConnectionsOptions {
  /** @default 3000 */
  readonly attemptMs?: number;
}

/** An SQS FIFO queue. */
export class Queue {
  private readonly url: URL;
  private readonly sqs: AwsClient;

  /** @param url `https://sqs.<region>.amazonaws.com/<account>/<name>.fifo` */
  constructor(url: string, { attemptMs = ATTEMPT_MS, ...connections }: QueueOptions = {}) {
    this.url = new URL(url);
    this.sqs = new AwsClient({
      service: 'sqs',
      target: 'AmazonSQS',
      version: '1.0',
      endpoint: new URL(this.url.origin),
      region: process.env.AWS_REGION ?? '',
      attemptMs,
      attempts: ATTEMPTS,
      ...connections,
    });
  }

  /** Opens a connection ahead of the first message. @throws the error of `node:https`, or the signal's reason */
  open(signal: AbortSignal): Promise<void> {
    return this.sqs.open(signal);
  }

  /** Closes all connections. */
  close(): void {
    this.sqs.close();
  }

  /**
   * Sends a message; resolves once SQS has stored it. Sending it twice does no harm, because its
   * deduplication id is the same.
   *
   * @throws AwsRefusedError when SQS refused, or the error of `node:https`
   */
  async send(message: Message): Promise<void> {
    await this.request('SendMessage', message);
  }

  /**
   * Sets when messages that this process holds are delivered again.
   *
   * @param receiptHandles 1 to 10
   * @param seconds 0 to 43200, from now
   * @throws AwsRefusedError when SQS refused it, also for only some of them; or the error of `node:https`
   */
  async changeVisibility(receiptHandles: readonly string[], seconds: number): Promise<void> {
    const Entries = entries(receiptHandles, { VisibilityTimeout: seconds });
    requireSuccess(await this.request('ChangeMessageVisibilityBatch', { Entries }));
  }

  /**
   * Deletes messages that this process holds.
   *
   * @param receiptHandles 1 to 10
   * @throws like `changeVisibility`
   */
  async delete(receiptHandles: readonly string[]): Promise<void> {
    const Entries = entries(receiptHandles);
    requireSuccess(await this.request('DeleteMessageBatch', { Entries }));
  }

  private request(operation: string, input: object): Promise<unknown> {
    return this.sqs.send(operation, { QueueUrl: this.url.href, ...input });
  }
}

function entries(receiptHandles: readonly string[], fields: object = {}): object[] {
  return receiptHandles.map((ReceiptHandle, index) => ({
    Id: String(index),
    ReceiptHandle,
    ...fields,
  }));
}

/** The response of a batch reports failures with status 200. */
function requireSuccess(response: unknown): void {
  const { Failed = [] } = (response ?? {}) as { Failed?: { Code?: string; Message?: string }[] };
  const [first] = Failed;
  if (!first) return;
  const { Code = '', Message = '' } = first;
  throw new AwsRefusedError(`${Failed.length} messages`, 200, Code, Message);
}
