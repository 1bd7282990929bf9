import {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';

/** An update in the dead-letter queue. */
export interface DeadLetter {
  /** Undefined if the message holds no update. */
  readonly updateId?: number;
  /** Telegram's name for its type: `message`, `callback_query`. */
  readonly type: string;
  /** When it became a dead letter. */
  readonly since: Date;
  /** JSON. It is private, because it contains what people wrote. */
  readonly body: string;
}

export interface Listing {
  readonly letters: readonly DeadLetter[];
  /** How many could not be received: behind the first ten of their chats, or held by another consumer. */
  readonly more: number;
}

export interface Redrive {
  readonly status: string;
  readonly moved: number;
  readonly total: number;
  readonly failure?: string;
}

/** How long messages are hidden while they are listed: longer than that takes, and short in case of a crash. */
const HIDDEN_SECONDS = 60;
/** How long a receive waits. A wait makes SQS query all of its servers; without one, a queue can seem empty. */
const WAIT_SECONDS = 1;
const ENDED = ['COMPLETED', 'CANCELLED', 'FAILED'];

/** A bot's dead-letter queue, for an operator. */
export class DeadLetters {
  private readonly client: SQSClient;
  private readonly url: string;

  constructor(client: SQSClient, url: string) {
    this.client = client;
    this.url = url;
  }

  /** Returns SQS's approximate count. */
  async count(): Promise<number> {
    const { Attributes = {} } = await this.client.send(
      new GetQueueAttributesCommand({
        QueueUrl: this.url,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    const { ApproximateNumberOfMessages = '0', ApproximateNumberOfMessagesNotVisible = '0' } =
      Attributes;
    return Number(ApproximateNumberOfMessages) + Number(ApproximateNumberOfMessagesNotVisible);
  }

  /**
   * Receives the dead letters and releases them immediately, so that a redrive finds them all. This raises their
   * receive counts, which does not matter: a dead-letter queue has no dead-letter queue of its own.
   *
   * @param signal ends the listing early; received messages are still released
   */
  async list(signal?: AbortSignal): Promise<Listing> {
    const received = new Map<string | undefined, Message>();
    try {
      let before = -1;
      // A long listing receives the first messages again; then there are no new ones.
      while (!signal?.aborted && received.size > before) {
        before = received.size;
        const { Messages = [] } = await this.client.send(
          new ReceiveMessageCommand({
            QueueUrl: this.url,
            MaxNumberOfMessages: 10,
            VisibilityTimeout: HIDDEN_SECONDS,
            WaitTimeSeconds: WAIT_SECONDS,
            MessageSystemAttributeNames: ['SentTimestamp'],
          }),
        );
        for (const message of Messages) received.set(message.MessageId, message);
      }
      const more = Math.max(0, (await this.count()) - received.size);
      return { letters: [...received.values()].map(toDeadLetter), more };
    } finally {
      await this.release([...received.values()]);
    }
  }

  /**
   * Starts SQS's move back to the source queue and follows it to its end, or follows one that is already
   * running.
   */
  async redrive(
    onProgress: (redrive: Redrive) => void,
    pause: () => Promise<void>,
  ): Promise<Redrive> {
    const SourceArn = arnOf(this.url);
    const before = await this.latestMove(SourceArn);
    const isRunning = before?.status === 'RUNNING';
    if (!isRunning) await this.client.send(new StartMessageMoveTaskCommand({ SourceArn }));
    for (;;) {
      const latest = await this.latestMove(SourceArn);
      // SQS may list the new move late.
      const isOld = !isRunning && latest?.startedAt === before?.startedAt;
      const move = latest && !isOld ? latest : { status: 'RUNNING', moved: 0, total: 0 };
      onProgress(move);
      if (ENDED.includes(move.status)) return move;
      await pause();
    }
  }

  /** Deletes all dead letters. SQS allows it once a minute, and takes up to a minute. */
  async purge(): Promise<void> {
    await this.client.send(new PurgeQueueCommand({ QueueUrl: this.url }));
  }

  private async latestMove(
    SourceArn: string,
  ): Promise<(Redrive & { startedAt?: number }) | undefined> {
    const { Results = [] } = await this.client.send(
      new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 1 }),
    );
    const [task] = Results;
    return (
      task && {
        startedAt: task.StartedTimestamp,
        status: task.Status ?? 'RUNNING',
        moved: task.ApproximateNumberOfMessagesMoved ?? 0,
        total: task.ApproximateNumberOfMessagesToMove ?? 0,
        failure: task.FailureReason,
      }
    );
  }

  private async release(messages: readonly Message[]): Promise<void> {
    for (let start = 0; start < messages.length; start += 10) {
      const Entries = messages.slice(start, start + 10).map(({ ReceiptHandle }, index) => ({
        Id: String(index),
        ReceiptHandle,
        VisibilityTimeout: 0,
      }));
      await this.client.send(
        new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.url, Entries }),
      );
    }
  }
}

function toDeadLetter({ Body = '', Attributes = {} }: Message): DeadLetter {
  const since = new Date(Number(Attributes.SentTimestamp));
  const { update_id: updateId, ...content } = parseBody(Body);
  const [type = 'not an update'] = updateId === undefined ? [] : Object.keys(content);
  return { updateId, type, since, body: Body };
}

function parseBody(body: string): { update_id?: number } {
  try {
    return Object(JSON.parse(body));
  } catch {
    return {};
  }
}

/** Builds the ARN of a queue from its URL: `https://sqs.<region>.amazonaws.com/<account>/<name>`. */
function arnOf(url: string): string {
  const { hostname, pathname } = new URL(url);
  const [, region = ''] = hostname.split('.');
  const [, account, name] = pathname.split('/');
  const partition = region.startsWith('cn-')
    ? 'aws-cn'
    : region.startsWith('us-gov-')
      ? 'aws-us-gov'
      : 'aws';
  return `arn:${partition}:sqs:${region}:${account}:${name}`;
}
