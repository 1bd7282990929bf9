import { ServiceError } from '../service-error.ts';
import { type FifoQueue, md5, type ReceivedMessage } from './fifo-queue.ts';
import type { Sqs } from './sqs.ts';

/** The parameters of all actions, under SQS's names. */
export interface Request {
  readonly QueueUrl?: string;
  readonly MessageBody?: string;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
  readonly MaxNumberOfMessages?: number;
  readonly VisibilityTimeout?: number;
  readonly WaitTimeSeconds?: number;
  readonly ReceiptHandle?: string;
  readonly Entries?: readonly { Id: string; ReceiptHandle: string; VisibilityTimeout?: number }[];
  readonly MessageSystemAttributeNames?: readonly string[];
  readonly AttributeNames?: readonly string[];
  readonly SourceArn?: string;
  readonly MaxResults?: number;
}

/** A redrive, as SQS reports it. */
export interface MoveTask {
  readonly TaskHandle: string;
  readonly Status: 'COMPLETED';
  readonly SourceArn: string;
  readonly ApproximateNumberOfMessagesToMove: number;
  readonly ApproximateNumberOfMessagesMoved: number;
  readonly StartedTimestamp: number;
}

interface Action {
  readonly parameters: readonly string[];
  /** Permissions that the action needs on the queue. @default - the permission named after the action */
  readonly permissions?: readonly string[];
  /** Whether the action also needs permission to send to the dead letters' source queue. */
  readonly sendsBack?: boolean;
  run(sqs: Sqs, queue: FifoQueue, request: Request): object | Promise<object>;
}

/** SQS's limit since August 2025: 1 MiB. */
const MAX_MESSAGE_BYTES = 1_048_576;
const ID = /^[\w!"#$%&'()*+,./:;<=>?@[\\\]^`{|}~-]{1,128}$/;
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

/** The actions that the sandbox's SQS supports, by name. */
export const actions: Readonly<Record<string, Action>> = {
  SendMessage: {
    parameters: ['QueueUrl', 'MessageBody', 'MessageGroupId', 'MessageDeduplicationId'],
    run(_, queue, request) {
      const body = checkedBody(request.MessageBody);
      const group = checkedId('MessageGroupId', request.MessageGroupId);
      const deduplicationId = checkedId('MessageDeduplicationId', request.MessageDeduplicationId);
      const { id, sequenceNumber } = queue.send({ body, group, deduplicationId });
      return { MessageId: id, MD5OfMessageBody: md5(body), SequenceNumber: sequenceNumber };
    },
  },
  ReceiveMessage: {
    parameters: [
      'QueueUrl',
      'MaxNumberOfMessages',
      'VisibilityTimeout',
      'WaitTimeSeconds',
      'MessageSystemAttributeNames',
    ],
    async run(sqs, queue, request) {
      const {
        MaxNumberOfMessages = 1,
        VisibilityTimeout,
        WaitTimeSeconds = 0,
        MessageSystemAttributeNames = [],
      } = request;
      if (VisibilityTimeout !== undefined) {
        demandBetween('VisibilityTimeout', VisibilityTimeout, 0, 43_200);
      }
      demandBetween('MaxNumberOfMessages', MaxNumberOfMessages, 1, 10);
      demandBetween('WaitTimeSeconds', WaitTimeSeconds, 0, 20);
      const options = {
        max: MaxNumberOfMessages,
        visibilityMs: VisibilityTimeout === undefined ? undefined : VisibilityTimeout * 1000,
      };
      let messages = queue.receive(options);
      if (messages.length === 0 && WaitTimeSeconds > 0) {
        await arrival(sqs, queue, WaitTimeSeconds * 1000);
        messages = queue.receive(options);
      }
      if (messages.length === 0) return {};
      return {
        Messages: messages.map((message) => asSqsWritesIt(message, MessageSystemAttributeNames)),
      };
    },
  },
  DeleteMessage: {
    parameters: ['QueueUrl', 'ReceiptHandle'],
    run(_, queue, { ReceiptHandle = '' }) {
      queue.delete(ReceiptHandle);
      return {};
    },
  },
  DeleteMessageBatch: {
    parameters: ['QueueUrl', 'Entries'],
    permissions: ['DeleteMessage'],
    run: (_, queue, request) =>
      forEachEntry(request, ({ ReceiptHandle }) => queue.delete(ReceiptHandle)),
  },
  ChangeMessageVisibilityBatch: {
    parameters: ['QueueUrl', 'Entries'],
    permissions: ['ChangeMessageVisibility'],
    run: (_, queue, request) =>
      forEachEntry(request, ({ ReceiptHandle, VisibilityTimeout = -1 }) => {
        demandBetween('VisibilityTimeout', VisibilityTimeout, 0, 43_200);
        queue.changeVisibility(ReceiptHandle, VisibilityTimeout * 1000);
      }),
  },
  GetQueueAttributes: {
    parameters: ['QueueUrl', 'AttributeNames'],
    run: (_, queue, { AttributeNames = [] }) => {
      const attributes = {
        ApproximateNumberOfMessages: String(queue.size - queue.inFlight),
        ApproximateNumberOfMessagesNotVisible: String(queue.inFlight),
      };
      return { Attributes: named(attributes, AttributeNames) };
    },
  },
  PurgeQueue: {
    parameters: ['QueueUrl'],
    run(_, queue) {
      queue.purge();
      return {};
    },
  },
  StartMessageMoveTask: {
    parameters: ['SourceArn'],
    permissions: ['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'],
    sendsBack: true,
    run: (sqs, _, { SourceArn = '' }) => ({ TaskHandle: sqs.redrive(SourceArn).TaskHandle }),
  },
  ListMessageMoveTasks: {
    parameters: ['SourceArn', 'MaxResults'],
    run: (sqs, _, { SourceArn = '', MaxResults = 1 }) => ({
      Results: sqs.movesFrom(SourceArn).slice(0, MaxResults),
    }),
  },
};

/** Formats a message as SQS does, with only the attributes that the caller asked for. */
function asSqsWritesIt(message: ReceivedMessage, names: readonly string[]): object {
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: md5(message.body),
    ...(names.length > 0 && { Attributes: named(systemAttributes(message), names) }),
  };
}

/** Picks the attributes with these names, or all of them for `All`. */
function named(attributes: Record<string, string>, names: readonly string[]) {
  const unknown = names.find((name) => name !== 'All' && !(name in attributes));
  if (unknown) {
    throw new ServiceError('InvalidAttributeName', `The sandbox's SQS does not support ${unknown}`);
  }
  if (names.includes('All')) return attributes;
  return Object.fromEntries(names.map((name) => [name, attributes[name]]));
}

type Entry = NonNullable<Request['Entries']>[number];

/** Performs a batch action. Each entry succeeds or fails on its own, and the response has status 200. */
function forEachEntry({ Entries = [] }: Request, act: (entry: Entry) => void): object {
  demandBetween('the number of Entries', Entries.length, 1, 10);
  if (new Set(Entries.map(({ Id }) => Id)).size < Entries.length) {
    throw new ServiceError('BatchEntryIdsNotDistinct', 'Two entries have the same Id.');
  }
  const outcomes = Entries.map((entry) => {
    try {
      act(entry);
      return { Id: entry.Id };
    } catch (error) {
      const { code, message } = error as ServiceError;
      return { Id: entry.Id, SenderFault: true, Code: code, Message: message };
    }
  });
  return {
    Successful: outcomes.filter((outcome) => !('Code' in outcome)),
    Failed: outcomes.filter((outcome) => 'Code' in outcome),
  };
}

/** Returns all attributes that SQS reports for a message and Lambda passes on. */
export function systemAttributes(message: ReceivedMessage) {
  return {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(message.sentAt),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    SequenceNumber: message.sequenceNumber,
    MessageGroupId: message.group,
    MessageDeduplicationId: message.deduplicationId,
    SenderId: 'AROASANDBOX',
  };
}

function checkedBody(body: string | undefined): string {
  if (!body) throw missing('MessageBody');
  if (FORBIDDEN.test(body)) {
    throw new ServiceError(
      'InvalidMessageContents',
      'Invalid binary character was found in the message body, the set of allowed characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
    );
  }
  if (Buffer.byteLength(body) > MAX_MESSAGE_BYTES) {
    throw new ServiceError(
      'InvalidParameterValue',
      `One or more parameters are invalid. Reason: Message must be shorter than ${MAX_MESSAGE_BYTES} bytes.`,
    );
  }
  return body;
}

function checkedId(name: string, id: string | undefined): string {
  if (id === undefined) throw missing(name);
  if (ID.test(id)) return id;
  throw new ServiceError(
    'InvalidParameterValue',
    `Value ${id} for parameter ${name} is invalid. Reason: ${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
  );
}

function missing(name: string): ServiceError {
  return new ServiceError('MissingParameter', `The request must contain the parameter ${name}.`);
}

export function demandBetween(name: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new ServiceError(
    'InvalidParameterValue',
    `Value ${value} for parameter ${name} is invalid. Reason: Must be between ${low} and ${high}, if provided.`,
  );
}

/** Resolves when a message may have arrived, or after `limitMs`. */
async function arrival({ clock }: Sqs, queue: FifoQueue, limitMs: number): Promise<void> {
  const arrived = new AbortController();
  const stop = queue.onArrival(() => arrived.abort('arrived'));
  await clock.sleep(limitMs, arrived.signal).catch(() => {});
  stop();
}
