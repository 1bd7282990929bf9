import type { Agent as HttpsAgent } from 'node:https';
import { AwsRefusedError, sendAwsRequest } from './request.ts';

const { Agent } = process.getBuiltinModule('node:https');

/** How long one attempt may take. The ingress times out after 10 s, API Gateway after 30. */
const ATTEMPT_MS = 3000;
const ATTEMPTS = 2;

/** A message of a FIFO queue, with SQS's names. */
export interface Message {
  readonly MessageBody: string;
  readonly MessageGroupId: string;
  readonly MessageDeduplicationId: string;
}

export interface QueueOptions {
  /** @default - an agent that keeps connections open for the next update */
  readonly agent?: HttpsAgent;
  /** @default 3000 */
  readonly attemptMs?: number;
}

/** An SQS FIFO queue. */
export class Queue {
  private readonly url: URL;
  private readonly agent: HttpsAgent;
  private readonly attemptMs: number;

  /** @param url `https://sqs.<region>.amazonaws.com/<account>/<name>.fifo` */
  constructor(
    url: string,
    { agent = new Agent({ keepAlive: true }), attemptMs = ATTEMPT_MS }: QueueOptions = {},
  ) {
    this.url = new URL(url);
    this.agent = agent;
    this.attemptMs = attemptMs;
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

  private async request(action: string, input: object): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await sendAwsRequest({
          service: 'sqs',
          endpoint: this.url,
          target: `AmazonSQS.${action}`,
          input: { QueueUrl: this.url.href, ...input },
          agent: this.agent,
          timeoutMs: this.attemptMs,
        });
      } catch (error) {
        // SQS may have closed a kept-alive connection in the meantime, so any other error gets a second try.
        const isFinal = error instanceof AwsRefusedError && error.status < 500;
        if (isFinal || attempt === ATTEMPTS) throw error;
      }
    }
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
