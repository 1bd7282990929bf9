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

/** An update that the bot could not take, as the queue of dead letters has it. */
export interface DeadLetter {
  /** Undefined when the message holds no update. */
  readonly updateId?: number;
  /** Telegram's name for its kind: `message`, `callback_query`. */
  readonly type: string;
  /** When it became a dead letter. */
  readonly since: Date;
  /** JSON, private: what people wrote is in it. */
  readonly body: string;
}

export interface Listing {
  readonly letters: readonly DeadLetter[];
  /** That a look did not reach: behind the first ten of their chats, or with somebody else who looks. */
  readonly more: number;
}

export interface Redrive {
  readonly status: string;
  readonly moved: number;
  readonly total: number;
  readonly failure?: string;
}

/** Longer than a look takes, and short enough if this process dies meanwhile. */
const LOOK_SECONDS = 60;
/** Has SQS ask all of its servers: without it, a queue may seem empty that is not. */
const WAIT_SECONDS = 1;
const ENDED = ['COMPLETED', 'CANCELLED', 'FAILED'];

/** The queue of a bot's dead letters, for a person. */
export class DeadLetters {
  private readonly client: SQSClient;
  private readonly url: string;

  constructor(client: SQSClient, url: string) {
    this.client = client;
    this.url = url;
  }

  /** An estimate: SQS counts as it goes along. */
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
   * Looks at them and gives them back at once, so that a redrive finds them all. It raises their receive
   * counts, which nothing here depends on: dead letters have no further to fall.
   *
   * @param signal ends the look early; what was taken is given back all the same
   */
  async list(signal?: AbortSignal): Promise<Listing> {
    const taken = new Map<string | undefined, Message>();
    try {
      let before = -1;
      // What was taken first comes back when the look is long, and then nothing new does.
      while (!signal?.aborted && taken.size > before) {
        before = taken.size;
        const { Messages = [] } = await this.client.send(
          new ReceiveMessageCommand({
            QueueUrl: this.url,
            MaxNumberOfMessages: 10,
            VisibilityTimeout: LOOK_SECONDS,
            WaitTimeSeconds: WAIT_SECONDS,
            MessageSystemAttributeNames: ['SentTimestamp'],
          }),
        );
        for (const message of Messages) taken.set(message.MessageId, message);
      }
      const more = Math.max(0, (await this.count()) - taken.size);
      return { letters: [...taken.values()].map(deadLetter), more };
    } finally {
      await this.giveBack([...taken.values()]);
    }
  }

  /** Has SQS move them back to the queue they came from; follows a move that is under way already. */
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
      // SQS may take its time to list the new one.
      const isOld = !isRunning && latest?.startedAt === before?.startedAt;
      const move = latest && !isOld ? latest : { status: 'RUNNING', moved: 0, total: 0 };
      onProgress(move);
      if (ENDED.includes(move.status)) return move;
      await pause();
    }
  }

  /** For good. SQS allows it once a minute, and takes up to a minute for it. */
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

  private async giveBack(messages: readonly Message[]): Promise<void> {
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

function deadLetter({ Body = '', Attributes = {} }: Message): DeadLetter {
  const since = new Date(Number(Attributes.SentTimestamp));
  const { update_id: updateId, ...content } = parsed(Body);
  const [type = 'not an update'] = updateId === undefined ? [] : Object.keys(content);
  return { updateId, type, since, body: Body };
}

function parsed(body: string): { update_id?: number } {
  try {
    return Object(JSON.parse(body));
  } catch {
    return {};
  }
}

/** `https://sqs.<region>.amazonaws.com/<account>/<name>` says all that an ARN does. */
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
