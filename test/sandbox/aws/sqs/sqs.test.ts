import { Readable } from 'node:stream';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allow, TestAws } from '../fixtures.ts';
import type { QueueAddress } from './sqs.ts';

const configuration = {
  visibilityTimeout: 30,
  retention: 3600,
  deduplicationScope: 'messageGroup',
} as const;

let test: TestAws;
let updates: QueueAddress;
let deadLetters: QueueAddress;
let sender: string;

beforeAll(async () => {
  test = await TestAws.start();
  const { sqs } = test.aws;
  deadLetters = sqs.create({ ...configuration, name: 'DeadLetters.fifo' });
  updates = sqs.create({
    ...configuration,
    name: 'Updates.fifo',
    redrive: { deadLetters: sqs.queue(deadLetters.arn), maxReceiveCount: 1 },
  });
  sender = test.createRole('sender', allow('sqs:SendMessage', updates.arn));
});
afterAll(() => test.close());

async function call(action: string, body: object, role?: string) {
  const { accessKeyId, sessionToken } = test.aws.iam.administrator();
  const headers = role
    ? test.sign(role, 'sqs')
    : {
        authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0`,
        'x-amz-security-token': sessionToken,
      };
  const answer = await test.network.request(new URL('https://sqs.us-east-1.amazonaws.com/'), {
    method: 'POST',
    headers: { ...headers, 'x-amz-target': `AmazonSQS.${action}` },
    body: JSON.stringify(body),
  });
  return { status: answer.status, ...JSON.parse(answer.body.toString()) };
}

let ids = 0;
function message(over: object = {}) {
  return {
    QueueUrl: updates.url,
    MessageBody: 'hello',
    MessageGroupId: 'chat-1',
    MessageDeduplicationId: String(++ids),
    ...over,
  };
}

describe('a queue', () => {
  it.each([
    [{ visibilityTimeout: 43_201 }, 'VisibilityTimeout'],
    [{ retention: 59 }, 'MessageRetentionPeriod'],
    [{ retention: 1_209_601 }, 'MessageRetentionPeriod'],
  ])('is refused with settings beyond SQS’s limits: %j', (over, name) => {
    const { sqs } = test.aws;
    expect(() => sqs.create({ ...configuration, name: 'Beyond.fifo', ...over })).toThrow(name);
    expect(() => sqs.update({ ...configuration, name: 'Updates.fifo', ...over })).toThrow(name);
  });

  it('is refused with a maxReceiveCount below 1 or above 1000', () => {
    const { sqs } = test.aws;
    const target = sqs.queue(deadLetters.arn);
    for (const maxReceiveCount of [0, 1001]) {
      const redrive = { deadLetters: target, maxReceiveCount };
      expect(() => sqs.create({ ...configuration, name: 'Beyond.fifo', redrive })).toThrow(
        'maxReceiveCount',
      );
    }
  });
});

describe('SendMessage', () => {
  it('accepts a message from a role that may send', async () => {
    expect(await call('SendMessage', message(), sender)).toMatchObject({
      status: 200,
      MD5OfMessageBody: '5d41402abc4b2a76b9719d911017c592',
    });
  });

  it('refuses a role that may not send, and a queue that does not exist', async () => {
    const stranger = test.createRole('stranger', allow('sqs:SendMessage', deadLetters.arn));
    expect(await call('SendMessage', message(), stranger)).toMatchObject({
      status: 403,
      __type: 'AccessDeniedException',
    });
    const nowhere = { QueueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/No.fifo' };
    expect(await call('SendMessage', message(nowhere))).toMatchObject({
      status: 400,
      __type: 'QueueDoesNotExist',
    });
  });

  it.each([
    ['without a group', { MessageGroupId: undefined }, 'MissingParameter'],
    ['without a deduplication id', { MessageDeduplicationId: undefined }, 'MissingParameter'],
    ['with a space in the group', { MessageGroupId: 'with space' }, 'InvalidParameterValue'],
    [
      'with a group of 129 characters',
      { MessageGroupId: 'x'.repeat(129) },
      'InvalidParameterValue',
    ],
    ['without a body', { MessageBody: '' }, 'MissingParameter'],
    ['with a forbidden character', { MessageBody: 'a\uFFFFb' }, 'InvalidMessageContents'],
    ['of more than 1 MiB', { MessageBody: 'x'.repeat(1_048_577) }, 'InvalidParameterValue'],
    ['with an unsupported parameter', { DelaySeconds: 3 }, 'InvalidParameterValue'],
  ])('refuses a message %s', async (_what, over, type) => {
    expect(await call('SendMessage', message(over))).toMatchObject({ status: 400, __type: type });
  });

  it('accepts a message of 1 MiB', async () => {
    const body = { MessageBody: 'x'.repeat(1_048_576), MessageGroupId: 'large' };
    expect(await call('SendMessage', message(body))).toMatchObject({ status: 200 });
  });
});

describe('the queue API', () => {
  it('purges, receives, returns, counts, redrives and deletes messages', async () => {
    await call('PurgeQueue', { QueueUrl: updates.url });
    await call('SendMessage', message({ MessageBody: 'one' }));
    const receipt = async () => {
      const { Messages } = await call('ReceiveMessage', {
        QueueUrl: updates.url,
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['All'],
      });
      return Messages?.[0];
    };
    const first = await receipt();
    expect(first).toMatchObject({
      Body: 'one',
      Attributes: { ApproximateReceiveCount: '1', MessageGroupId: 'chat-1' },
    });
    await call('ChangeMessageVisibilityBatch', {
      QueueUrl: updates.url,
      Entries: [{ Id: '0', ReceiptHandle: first.ReceiptHandle, VisibilityTimeout: 0 }],
    });
    // This receive would be one too many.
    expect(await receipt()).toBeUndefined();
    const count = async () =>
      (await call('GetQueueAttributes', { QueueUrl: deadLetters.url, AttributeNames: ['All'] }))
        .Attributes.ApproximateNumberOfMessages;
    expect(await count()).toBe('1');
    expect(await call('StartMessageMoveTask', { SourceArn: deadLetters.arn })).toHaveProperty(
      'TaskHandle',
    );
    const { Results } = await call('ListMessageMoveTasks', { SourceArn: deadLetters.arn });
    expect(Results).toMatchObject([{ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 1 }]);
    expect(await count()).toBe('0');
    const again = await receipt();
    expect(again?.Body).toBe('one');
    await call('DeleteMessage', { QueueUrl: updates.url, ReceiptHandle: again.ReceiptHandle });
    expect(test.aws.sqs.queue(updates.arn).size).toBe(0);
  });

  it('deletes a batch, and reports the entries that it could not delete', async () => {
    await call('SendMessage', {
      QueueUrl: updates.url,
      MessageBody: 'one',
      MessageGroupId: 'chat-batch',
      MessageDeduplicationId: 'batch-1',
    });
    const { Messages } = await call('ReceiveMessage', { QueueUrl: updates.url });
    const Entries = [
      { Id: 'a', ReceiptHandle: Messages[0].ReceiptHandle },
      { Id: 'b', ReceiptHandle: 'unknown' },
    ];
    expect(await call('DeleteMessageBatch', { QueueUrl: updates.url, Entries })).toMatchObject({
      status: 200,
      Successful: [{ Id: 'a' }],
      Failed: [{ Id: 'b', Code: 'InvalidParameterValue' }],
    });
    expect(test.aws.sqs.queue(updates.arn).size).toBe(0);
  });

  it('redrives only with the permissions for every part of the move', async () => {
    const actions = [
      'StartMessageMoveTask',
      'ReceiveMessage',
      'DeleteMessage',
      'GetQueueAttributes',
    ];
    const onQueue = allow(
      actions.map((action) => `sqs:${action}`),
      deadLetters.arn,
    );
    const mover = test.createRole('mover', onQueue);
    const start = () => call('StartMessageMoveTask', { SourceArn: deadLetters.arn }, mover);
    expect((await start()).Message).toContain('sqs:SendMessage');
    test.aws.iam.putPolicy('mover', 'back', allow('sqs:SendMessage', updates.arn));
    expect(await start()).toMatchObject({ status: 200 });
  });

  it('returns only the requested attributes, and refuses unknown ones', async () => {
    await call('SendMessage', message({ MessageGroupId: 'told' }));
    const { Messages } = await call('ReceiveMessage', { QueueUrl: updates.url });
    expect(Messages[0]).not.toHaveProperty('Attributes');
    const names = ['SentTimestamp', 'AWSTraceHeader'];
    expect(
      await call('GetQueueAttributes', { QueueUrl: updates.url, AttributeNames: names }),
    ).toMatchObject({ status: 400, __type: 'InvalidAttributeName' });
  });

  it('changes the visibility of valid batch entries, and reports the others', async () => {
    await call('SendMessage', message({ MessageGroupId: 'held' }));
    const { Messages } = await call('ReceiveMessage', { QueueUrl: updates.url });
    const { ReceiptHandle } = Messages[0];
    const entry = (Id: string, handle: string, VisibilityTimeout = 0) => ({
      Id,
      ReceiptHandle: handle,
      VisibilityTimeout,
    });
    const change = (...Entries: object[]) =>
      call('ChangeMessageVisibilityBatch', { QueueUrl: updates.url, Entries });
    expect(
      await change(
        entry('a', 'unknown'),
        entry('b', ReceiptHandle, 43_201),
        entry('c', ReceiptHandle),
      ),
    ).toMatchObject({ status: 200, Successful: [{ Id: 'c' }], Failed: [{ Id: 'a' }, { Id: 'b' }] });
    expect(await change(entry('a', 'x'), entry('a', 'y'))).toMatchObject({
      __type: 'BatchEntryIdsNotDistinct',
    });
  });

  it.each([
    'Updates.fifo',
    'arn:aws:sqs:eu-west-1:123456789012:Updates.fifo',
    'arn:aws:sqs:us-east-1:999999999999:Updates.fifo',
    'https://sqs.eu-west-1.amazonaws.com/123456789012/Updates.fifo',
  ])('finds no queue at %s', async (address) => {
    const key = address.startsWith('arn:') ? 'SourceArn' : 'QueueUrl';
    const action = key === 'SourceArn' ? 'ListMessageMoveTasks' : 'PurgeQueue';
    expect(await call(action, { [key]: address })).toMatchObject({ __type: 'QueueDoesNotExist' });
    expect(test.aws.sqs.has(address)).toBe(false);
  });

  it('refuses to redrive from a URL', async () => {
    expect(await call('StartMessageMoveTask', { SourceArn: deadLetters.url })).toMatchObject({
      __type: 'InvalidParameterValue',
    });
  });

  it('refuses to redrive from a queue that is not a dead-letter queue', async () => {
    expect(await call('StartMessageMoveTask', { SourceArn: updates.arn })).toMatchObject({
      status: 400,
      Message: 'Source queue must be configured as a Dead Letter Queue.',
    });
  });

  it('waits for a message to arrive', async () => {
    const waiting = call('ReceiveMessage', { QueueUrl: updates.url, WaitTimeSeconds: 20 });
    await call('SendMessage', message({ MessageBody: 'late', MessageGroupId: 'later' }));
    expect((await waiting).Messages?.[0].Body).toBe('late');
  });

  it('refuses an unsupported action', async () => {
    expect(await call('TagQueue', { QueueUrl: updates.url })).toMatchObject({
      __type: 'UnknownOperationException',
    });
  });
});

describe("AWS's own client", () => {
  it('understands answers and errors', async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = test.aws.iam.administrator();
    const client = new SQSClient({
      region: 'us-east-1',
      credentials: { accessKeyId, secretAccessKey, sessionToken },
      maxAttempts: 1,
      requestHandler: {
        async handle(request: { headers: Record<string, string>; body: string }) {
          const { status, headers, body } = await test.network.request(
            new URL('https://sqs.us-east-1.amazonaws.com/'),
            { method: 'POST', headers: request.headers, body: Buffer.from(request.body) },
          );
          return {
            response: {
              statusCode: status,
              headers: headers as never,
              body: Readable.from([body]),
            },
          };
        },
      },
    });
    // The client compares the MD5 in the answer with that of the body it sent.
    await expect(client.send(new SendMessageCommand(message()))).resolves.toHaveProperty(
      'SequenceNumber',
    );
    const refused = client.send(new SendMessageCommand(message({ MessageBody: '\uFFFF' })));
    await expect(refused).rejects.toMatchObject({ name: 'InvalidMessageContents' });
  });
});
