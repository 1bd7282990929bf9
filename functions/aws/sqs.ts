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
    for (let attempt = 1; ; attempt++) {
      try {
        await sendAwsRequest({
          service: 'sqs',
          endpoint: this.url,
          target: 'AmazonSQS.SendMessage',
          input: { QueueUrl: this.url.href, ...message },
          agent: this.agent,
          timeoutMs: this.attemptMs,
        });
        return;
      } catch (error) {
        // SQS may have closed a kept-alive connection in the meantime, so any other error gets a second try.
        const isFinal = error instanceof AwsRefusedError && error.status < 500;
        if (isFinal || attempt === ATTEMPTS) throw error;
      }
    }
  }
}
