import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../clock.ts';
import { allow, TestAws } from '../fixtures.ts';
import { Iam } from '../iam.ts';
import { FifoQueue } from '../sqs/fifo-queue.ts';
import type { QueueAddress } from '../sqs/sqs.ts';
import {
  EventSourceMapping,
  type MappingConfiguration,
  QUEUE_RIGHTS,
} from './event-source-mapping.ts';
import { failedItems } from './failed-items.ts';

const queueArn = 'arn:aws:sqs:us-east-1:123456789012:Updates.fifo';
const trust = { Statement: [] };

interface Running {
  readonly bodies: string[];
  finish(failed?: string[]): void;
  crash(): void;
}

describe('an event source mapping', () => {
  let clock: ManualClock;
  let queue: FifoQueue;
  let iam: Iam;
  let mapping: EventSourceMapping | undefined;
  let running: Running[];
  let retriesAtOnce: boolean;
  beforeEach(() => {
    clock = new ManualClock();
    queue = new FifoQueue(
      {
        name: 'Updates.fifo',
        visibilityTimeout: 30,
        retention: 3600,
        deduplicationScope: 'messageGroup',
      },
      clock,
    );
    iam = new Iam();
    running = [];
    retriesAtOnce = false;
    iam.createRole({ name: 'bot', trust, managedPolicyArns: [] });
    iam.putPolicy('bot', 'queue', allow(QUEUE_RIGHTS, queueArn));
  });
  afterEach(() => {
    mapping?.stop();
    queue.close();
  });

  function start(over: Partial<MappingConfiguration> = {}): EventSourceMapping {
    mapping = new EventSourceMapping(
      { functionName: 'bot', queueArn, batchSize: 1, reportsBatchItemFailures: true, ...over },
      {
        queue,
        iam,
        roleArn: () => 'arn:aws:iam::123456789012:role/bot',
        retriesAtOnce: () => retriesAtOnce,
        onBatch() {},
        invoke: (_, event) =>
          new Promise((resolve) => {
            const { Records } = event as { Records: { messageId: string; body: string }[] };
            const bodies = Records.map(({ body }) => body);
            running.push({
              bodies,
              finish(failed = []) {
                const items = Records.filter(({ body }) => failed.includes(body)).map(
                  ({ messageId }) => ({ itemIdentifier: messageId }),
                );
                const payload = JSON.stringify({ batchItemFailures: items });
                resolve({ payload, durationMs: 1 });
              },
              crash: () => resolve({ functionError: 'Unhandled', payload: '{}', durationMs: 1 }),
            });
          }),
      },
    );
    return mapping;
  }

  let ids = 0;
  const send = (body: string, group: string) =>
    queue.send({ body, group, deduplicationId: String(++ids) });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const batches = () => running.map(({ bodies }) => bodies);

  it('handles groups concurrently, but never two batches of one group', async () => {
    start();
    for (const group of ['a', 'b']) for (const number of ['1', '2']) send(group + number, group);
    expect(batches()).toEqual([['a1'], ['b1']]);
    running[0]?.finish();
    await settle();
    expect(batches()).toEqual([['a1'], ['b1'], ['a2']]);
  });

  it('runs no more invocations at a time than its limit', async () => {
    start({ maxConcurrency: 2 });
    for (const group of ['a', 'b', 'c']) send(group, group);
    expect(batches()).toEqual([['a'], ['b']]);
    running[1]?.finish();
    await settle();
    expect(batches()).toEqual([['a'], ['b'], ['c']]);
  });

  it('hands over full batches, and deletes the messages that are not reported as failed', async () => {
    for (const body of ['1', '2', '3']) send(body, 'a');
    start({ batchSize: 10 });
    expect(batches()).toEqual([['1', '2', '3']]);
    running[0]?.finish(['2', '3']);
    await settle();
    expect(queue.size).toBe(2);
    await clock.advance(30_000);
    expect(batches()).toEqual([
      ['1', '2', '3'],
      ['2', '3'],
    ]);
  });

  it('retries without the visibility timeout when a test asks for that', async () => {
    retriesAtOnce = true;
    for (const body of ['1', '2']) send(body, 'a');
    start({ batchSize: 10 });
    running[0]?.finish(['1', '2']);
    await settle();
    expect(batches()).toEqual([
      ['1', '2'],
      ['1', '2'],
    ]);
  });

  it.each<[string, ((one: Running) => void) | null]>([
    ['the whole batch as failed when the function crashes', (one) => one.crash()],
    ['no message as failed when the mapping does not read reports', null],
  ])('treats %s', async (_, end) => {
    for (const body of ['1', '2']) send(body, 'a');
    start({ batchSize: 10, reportsBatchItemFailures: end !== null });
    if (end) end(running[0] as Running);
    else running[0]?.finish(['1', '2']);
    await settle();
    expect(queue.size).toBe(end ? 2 : 0);
  });

  it('receives nothing while its role lacks the permissions', () => {
    iam.deletePolicy('bot', 'queue');
    start();
    send('1', 'a');
    expect(batches()).toEqual([]);
    iam.putPolicy('bot', 'queue', allow(QUEUE_RIGHTS, queueArn));
    send('1', 'b');
    expect(batches()).toEqual([['1'], ['1']]);
  });

  it('receives nothing more once it has stopped, but lets the running batch finish', async () => {
    const stopped = start();
    send('1', 'a');
    stopped.stop();
    send('1', 'b');
    running[0]?.finish();
    await stopped.idle();
    expect(queue.size).toBe(1);
  });
});

describe('failedItems', () => {
  const all = new Set(['1', '2']);
  it.each<[string, string[]]>([
    ['null', []],
    ['{}', []],
    ['{"batchItemFailures":[]}', []],
    ['{"batchItemFailures":null}', []],
    ['{"batchItemFailures":[{"itemIdentifier":"2"}]}', ['2']],
    ['{"batchItemFailures":[{"itemIdentifier":"3"}]}', ['1', '2']],
    ['{"batchItemFailures":[{"itemIdentifier":""}]}', ['1', '2']],
    ['{"batchItemFailures":[{"itemIdentifier":null}]}', ['1', '2']],
    ['{"batchItemFailures":[{"wrongKey":"2"}]}', ['1', '2']],
    ['{"batchItemFailures":"2"}', ['1', '2']],
    ['"done"', ['1', '2']],
  ])('reads %s as the failed items %j', (payload, failed) => {
    expect([...failedItems(payload, all)]).toEqual(failed);
  });
});

function updates({ sqs }: TestAws['aws'], visibilityTimeout = 60): QueueAddress {
  return sqs.create({
    name: 'Updates.fifo',
    visibilityTimeout,
    retention: 3600,
    deduplicationScope: 'messageGroup',
  });
}

describe('an event source mapping to a real function', () => {
  let test: TestAws;
  beforeEach(async () => {
    test = await TestAws.start();
  });
  afterEach(() => test.close());

  it('invokes the function’s process with the event that Lambda sends', async () => {
    const { aws } = test;
    const { arn, url } = updates(aws);
    const functionName = 'bot';
    const source = `export const handler = async (event) => console.log(JSON.stringify(event));`;
    test.deploy(functionName, source, { policy: allow(QUEUE_RIGHTS, arn) });
    const reported = new Promise((resolve) => aws.eventSources.handled.listen(resolve));
    const mapping = { functionName, queueArn: arn, batchSize: 1, reportsBatchItemFailures: true };
    const { id } = aws.eventSources.create(mapping);
    aws.sqs.queue(url).send({ body: '{"update_id":1}', group: 'chat-1', deduplicationId: '7-1' });
    expect(await reported).toMatchObject({ messages: 1, failed: 0 });
    const [line = ''] = test.log(functionName).filter((text) => text.includes('Records'));
    expect(JSON.parse(line.slice(line.indexOf('{"Records')))).toEqual({
      Records: [
        {
          messageId: expect.any(String),
          receiptHandle: expect.any(String),
          body: '{"update_id":1}',
          attributes: {
            ApproximateReceiveCount: '1',
            SentTimestamp: expect.stringMatching(/^\d{13}$/),
            ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
            SequenceNumber: expect.stringMatching(/^\d{19,20}$/),
            MessageGroupId: 'chat-1',
            MessageDeduplicationId: '7-1',
            SenderId: expect.any(String),
          },
          messageAttributes: {},
          md5OfBody: expect.stringMatching(/^[0-9a-f]{32}$/),
          eventSource: 'aws:sqs',
          eventSourceARN: arn,
          awsRegion: 'us-east-1',
        },
      ],
    });
    aws.eventSources.delete(id);
    expect(() => aws.eventSources.delete(id)).toThrow('does not exist');
  });

  it('continues with another function, and pauses while its function does not exist', async () => {
    const { aws } = test;
    const { arn, url } = updates(aws);
    const policy = allow(QUEUE_RIGHTS, arn);
    const source = `export const handler = async () => console.log('taken');`;
    test.deploy('first', source, { policy });
    test.deploy('second', source, { policy });
    const mapping = { queueArn: arn, batchSize: 1, reportsBatchItemFailures: false };
    const { id } = aws.eventSources.create({ ...mapping, functionName: 'first' });
    await aws.lambda.delete('first');
    aws.sqs.queue(url).send({ body: 'one', group: 'a', deduplicationId: '1' });
    expect(aws.sqs.queue(url).inFlight).toBe(0);
    const reported = new Promise((resolve) => aws.eventSources.handled.listen(resolve));
    aws.eventSources.update(id, { ...mapping, functionName: 'second' });
    expect(await reported).toMatchObject({ messages: 1, failed: 0 });
    expect(test.log('second').join()).toContain('taken');
  });

  it('is refused when its queue and function already have one', () => {
    const { aws } = test;
    const { arn } = updates(aws);
    const source = 'export const handler = async () => {};';
    test.deploy('bot', source, { policy: allow(QUEUE_RIGHTS, arn) });
    const mapping = { functionName: 'bot', queueArn: arn, batchSize: 1 } as const;
    const { id } = aws.eventSources.create({ ...mapping, reportsBatchItemFailures: true });
    expect(() => aws.eventSources.create({ ...mapping, reportsBatchItemFailures: true })).toThrow(
      `already exists. Please update or delete the existing mapping with UUID ${id}`,
    );
    aws.eventSources.update(id, { ...mapping, reportsBatchItemFailures: false });
  });

  it("is refused in Lambda's words without the permissions or with too short a visibility timeout", () => {
    const { aws } = test;
    const { arn } = updates(aws, 5);
    const source = 'export const handler = async () => {};';
    test.deploy('stranger', source);
    test.deploy('slow', source, { policy: allow(QUEUE_RIGHTS, arn), timeout: 6 });
    const mapping = { queueArn: arn, batchSize: 1, reportsBatchItemFailures: true };
    expect(() => aws.eventSources.create({ ...mapping, functionName: 'stranger' })).toThrow(
      'The provided execution role does not have permissions to call ReceiveMessage on SQS',
    );
    expect(() => aws.eventSources.create({ ...mapping, functionName: 'slow' })).toThrow(
      'Queue visibility timeout: 5 seconds is less than Function timeout: 6 seconds',
    );
  });
});
