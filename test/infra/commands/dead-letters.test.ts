import type { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { DeadLetters } from '../../../infra/commands/dead-letters/dead-letters.ts';

const url = 'https://sqs.eu-west-1.amazonaws.com/123456789012/DeadLetters.fifo';

/** Fakes SQS by a list of answers for each command. The last answer of a list is repeated. */
function queueThat(answers: Record<string, unknown[]>) {
  const sent: { command: string; input: Record<string, unknown> }[] = [];
  const client = {
    async send({ constructor: { name }, input }: { constructor: { name: string }; input: object }) {
      const command = name.replace(/Command$/, '');
      sent.push({ command, input: { ...input } });
      const [answer = {}, ...rest] = answers[command] ?? [];
      if (rest.length > 0) answers[command] = rest;
      if (answer instanceof Error) throw answer;
      return typeof answer === 'function' ? answer() : answer;
    },
  };
  const inputsOf = (name: string) =>
    sent.filter(({ command }) => command === name).map(({ input }) => input);
  return { queue: new DeadLetters(client as unknown as SQSClient, url), inputsOf };
}

function letter(id: string) {
  return {
    MessageId: id,
    ReceiptHandle: `handle-${id}`,
    Body: `{"update_id":${id},"message":{}}`,
    Attributes: { SentTimestamp: '1800000000000' },
  };
}

const counting = (visible: number, taken = 0) => ({
  Attributes: {
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(taken),
  },
});

describe('a listing of the dead letters', () => {
  it('lists each message once and ends, although the first ones return before the last are received', async () => {
    const { queue, inputsOf } = queueThat({
      ReceiveMessage: [
        { Messages: [letter('1'), letter('2')] },
        { Messages: [letter('3'), letter('1')] },
        { Messages: [letter('2'), letter('3')] },
      ],
      GetQueueAttributes: [counting(0, 3)],
    });
    const { letters, more } = await queue.list();
    expect(letters.map(({ updateId }) => updateId)).toEqual([1, 2, 3]);
    expect(more).toBe(0);
    expect(inputsOf('ReceiveMessage')[0]).toMatchObject({ WaitTimeSeconds: 1 });
  });

  it('counts the messages that it could not receive', async () => {
    const { queue } = queueThat({
      ReceiveMessage: [{ Messages: [letter('1')] }, {}],
      GetQueueAttributes: [counting(4, 1)],
    });
    expect(await queue.list()).toMatchObject({ letters: [{ updateId: 1 }], more: 4 });
  });

  it.each(['is interrupted', 'fails'])('releases the received messages when it %s', async (how) => {
    const interruption = new AbortController();
    const { queue, inputsOf } = queueThat({
      ReceiveMessage: [
        { Messages: Array.from({ length: 10 }, (_, index) => letter(String(index))) },
        () => {
          if (how === 'is interrupted') interruption.abort();
          return { Messages: [letter('10')] };
        },
        how === 'fails' ? new Error('The token has expired') : { Messages: [letter('11')] },
      ],
      GetQueueAttributes: [counting(0, 11)],
    });
    const listing = queue.list(interruption.signal);
    if (how === 'fails') await expect(listing).rejects.toThrow('The token has expired');
    else expect((await listing).letters).toHaveLength(11);
    const released = inputsOf('ChangeMessageVisibilityBatch').flatMap(
      ({ Entries }) => Entries as { ReceiptHandle: string; VisibilityTimeout: number }[],
    );
    expect(released.map(({ ReceiptHandle }) => ReceiptHandle)).toEqual(
      Array.from({ length: 11 }, (_, index) => `handle-${index}`),
    );
    expect(released.every(({ VisibilityTimeout }) => VisibilityTimeout === 0)).toBe(true);
  });
});

describe('a redrive', () => {
  const task = (Status: string, moved: number, StartedTimestamp = 2) => ({
    Results: [
      {
        Status,
        StartedTimestamp,
        ApproximateNumberOfMessagesMoved: moved,
        ApproximateNumberOfMessagesToMove: 9,
        ...(Status === 'FAILED' && { FailureReason: 'AccessDenied' }),
      },
    ],
  });

  it('starts a move at the ARN of the queue and follows it to its end', async () => {
    const { queue, inputsOf } = queueThat({
      ListMessageMoveTasks: [
        task('COMPLETED', 5, 1),
        task('COMPLETED', 5, 1),
        task('RUNNING', 3),
        task('COMPLETED', 9),
      ],
    });
    const seen: number[] = [];
    const end = await queue.redrive(
      ({ moved }) => seen.push(moved),
      async () => {},
    );
    expect(end).toMatchObject({ status: 'COMPLETED', moved: 9 });
    expect(seen).toEqual([0, 3, 9]);
    expect(inputsOf('StartMessageMoveTask')).toEqual([
      { SourceArn: 'arn:aws:sqs:eu-west-1:123456789012:DeadLetters.fifo' },
    ]);
  });

  it('follows a move that is already running instead of starting another', async () => {
    const { queue, inputsOf } = queueThat({
      ListMessageMoveTasks: [task('RUNNING', 3), task('FAILED', 4)],
    });
    const end = await queue.redrive(
      () => {},
      async () => {},
    );
    expect(end).toMatchObject({ status: 'FAILED', moved: 4, failure: 'AccessDenied' });
    expect(inputsOf('StartMessageMoveTask')).toEqual([]);
  });
});
