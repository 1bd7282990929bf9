import type { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { DeadLetters } from '../../../infra/commands/dead-letters/dead-letters.ts';

const url = 'https://sqs.eu-west-1.amazonaws.com/123456789012/DeadLetters.fifo';

/** SQS as a list of answers for each command; of the last one as often as it is asked. */
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

describe('a look at the dead letters', () => {
  it('shows each once and ends, though the first are back before the last are seen', async () => {
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

  it('counts what it could not reach', async () => {
    const { queue } = queueThat({
      ReceiveMessage: [{ Messages: [letter('1')] }, {}],
      GetQueueAttributes: [counting(4, 1)],
    });
    expect(await queue.list()).toMatchObject({ letters: [{ updateId: 1 }], more: 4 });
  });

  it.each(['is interrupted', 'fails'])('gives back what it has taken when it %s', async (how) => {
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
    const look = queue.list(interruption.signal);
    if (how === 'fails') await expect(look).rejects.toThrow('The token has expired');
    else expect((await look).letters).toHaveLength(11);
    const given = inputsOf('ChangeMessageVisibilityBatch').flatMap(
      ({ Entries }) => Entries as { ReceiptHandle: string; VisibilityTimeout: number }[],
    );
    expect(given.map(({ ReceiptHandle }) => ReceiptHandle)).toEqual(
      Array.from({ length: 11 }, (_, index) => `handle-${index}`),
    );
    expect(given.every(({ VisibilityTimeout }) => VisibilityTimeout === 0)).toBe(true);
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

  it('is begun at the ARN of the queue, and followed to its end', async () => {
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

  it('that is under way is followed, and not begun again', async () => {
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
