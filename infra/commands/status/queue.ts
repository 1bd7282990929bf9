import { type CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { DeployedBot } from '../deployed-bots/deployed-stack.ts';

/** The updates in a bot's queue, in SQS's approximate numbers. */
export interface QueueStatus {
  readonly waiting: number;
  /** Being handled, or waiting for their next attempt. */
  readonly inFlight: number;
  /** Age of the oldest update in seconds; absent for an empty queue, and while CloudWatch has no figure. */
  readonly oldestSeconds?: number;
  readonly deadLetters: number;
}

/**
 * How far back CloudWatch is asked, because SQS reports the age every minute, some minutes late; and how far ahead,
 * because the clock of this machine may be behind.
 */
const METRIC_WINDOW = 15 * 60_000;

/** Reads the queue of updates and the dead letters. Only CloudWatch knows the age without receiving an update. */
export async function readQueue(
  updates: string,
  { deadLetters }: DeployedBot,
  { sqs, cloudWatch }: { sqs: SQSClient; cloudWatch: CloudWatchClient },
  now: number,
): Promise<QueueStatus> {
  const [queue, dead] = await Promise.all([
    sizeOf(sqs, updates),
    deadLetters ? sizeOf(sqs, deadLetters) : { waiting: 0, inFlight: 0 },
  ]);
  const isEmpty = queue.waiting + queue.inFlight === 0;
  return {
    ...queue,
    oldestSeconds: isEmpty ? undefined : await ageOfOldest(cloudWatch, updates, now),
    deadLetters: dead.waiting + dead.inFlight,
  };
}

async function sizeOf(
  sqs: SQSClient,
  QueueUrl: string,
): Promise<{ waiting: number; inFlight: number }> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return {
    waiting: Number(Attributes.ApproximateNumberOfMessages ?? 0),
    inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
  };
}

async function ageOfOldest(
  cloudWatch: CloudWatchClient,
  queueUrl: string,
  now: number,
): Promise<number | undefined> {
  const { Datapoints = [] } = await cloudWatch.send(
    new GetMetricStatisticsCommand({
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateAgeOfOldestMessage',
      Dimensions: [{ Name: 'QueueName', Value: queueUrl.split('/').at(-1) }],
      StartTime: new Date(now - METRIC_WINDOW),
      EndTime: new Date(now + METRIC_WINDOW),
      Period: 60,
      Statistics: ['Maximum'],
    }),
  );
  const newest = Datapoints.sort((a, b) => Number(b.Timestamp) - Number(a.Timestamp))[0];
  return newest?.Maximum;
}
