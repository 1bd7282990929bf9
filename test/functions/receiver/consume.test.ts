import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { receive } from '../../../functions/receiver/index.ts';
import { message, SECRET_SHA256 } from './harness.ts';

const context = { getRemainingTimeInMillis: () => 20_000 };

function sqsEvent(...updates: object[]) {
  return {
    Records: updates.map((update, index) => ({
      messageId: `message-${index}`,
      receiptHandle: 'handle',
      body: JSON.stringify(update),
      attributes: {
        ApproximateReceiveCount: '3',
        SentTimestamp: '0',
        SenderId: 'front',
        ApproximateFirstReceiveTimestamp: '0',
        MessageGroupId: 'chat-42',
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:Updates.fifo',
      awsRegion: 'us-east-1',
    })),
  };
}

describe('receive, behind a queue,', () => {
  beforeEach(() => vi.stubEnv('WEBHOOK_SECRET_SHA256', SECRET_SHA256));
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it('shows the bot its updates, and answers what it could not take', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    const seen: number[] = [];
    const handler = receive(({ update_id }) => {
      seen.push(update_id);
      if (update_id === 2) throw new Error('no');
    });
    const event = sqsEvent(message('a', 1), message('b', 2), message('c', 3));
    expect(await handler(event, context)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-1' }, { itemIdentifier: 'message-2' }],
    });
    expect(seen).toEqual([1, 2]);
    expect(log.mock.calls).toEqual([
      [expect.objectContaining({ event: 'update.failed', updateId: 2, attempt: 3 })],
    ]);
  });

  it('answers an empty batch, which is how a deploy proves that it loads', async () => {
    const handler = receive(() => {});
    expect(await handler(sqsEvent(), context)).toEqual({ batchItemFailures: [] });
  });

  it('is over a second before Lambda would end it', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const handler = receive(() => new Promise(() => {}));
    const answer = handler(sqsEvent(message('a', 1)), { getRemainingTimeInMillis: () => 1050 });
    expect(await answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-0' }] });
  });
});
