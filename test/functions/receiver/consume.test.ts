import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { receive } from '../../../functions/receiver/index.ts';
import { message, SECRET_SHA256 } from '../../harness.ts';

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
        SenderId: 'ingress',
        ApproximateFirstReceiveTimestamp: '0',
        MessageGroupId: '7000000001-chat-42',
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:Updates.fifo',
      awsRegion: 'us-east-1',
    })),
  };
}

describe('receive behind a queue', () => {
  beforeEach(() => {
    vi.stubEnv('WEBHOOK_SECRET_SHA256', SECRET_SHA256);
    vi.stubEnv('BOT_ID', '7000000001');
    vi.stubEnv('UPDATE_MAX_ATTEMPTS', '5');
    // No queue is there: what happens at one is shown in receive-batch.test.ts and in test/end-to-end.
    vi.stubEnv('UPDATE_QUEUE_URL', 'https://localhost:1/123456789012/Updates.fifo');
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it('passes updates to the bot, and returns those that must be delivered again', async () => {
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
      [
        expect.objectContaining({
          event: 'retry.unscheduled',
          messageIds: ['message-1', 'message-2'],
        }),
      ],
    ]);
  });

  it('continues in a chat after the last attempt of an update has failed', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    vi.stubEnv('UPDATE_MAX_ATTEMPTS', '3');
    const handler = receive(({ update_id }) => {
      if (update_id === 1) throw new Error('no');
    });
    expect(await handler(sqsEvent(message('a', 1), message('b', 2)), context)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-0' }],
    });
  });

  it("does not pass another bot's updates to the bot", async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    vi.stubEnv('BOT_ID', '7000000002');
    const handler = receive(() => expect.unreachable('the bot saw it'));
    expect(await handler(sqsEvent(message('a', 1)), context)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-0' }],
    });
    expect(log).toHaveBeenCalledWith(
      expect.objectContaining({
        errorType: 'ForeignUpdateError',
        errorMessage: expect.stringContaining('sent to bot 7000000001'),
      }),
    );
  });

  it('answers an empty batch, which a deploy sends to check that the bot loads', async () => {
    const handler = receive(() => {});
    expect(await handler(sqsEvent(), context)).toEqual({ batchItemFailures: [] });
  });

  it.each([
    [2000, 20_000],
    [200, 1000],
  ])(
    'aborts the signal %i ms before the end of an invocation of %i ms',
    async (marginMs, timeMs) => {
      vi.spyOn(console, 'error').mockReturnValue();
      let aborted: boolean | undefined;
      const handler = receive(async (_, { signal }) => {
        aborted = signal.aborted;
        signal.addEventListener('abort', () => {
          aborted = true;
        });
        await new Promise(() => {});
      });
      // The first batch loads the rules, which takes real time.
      await handler(sqsEvent(), context);
      vi.useFakeTimers();
      const deadline = Date.now() + timeMs;
      const time = { getRemainingTimeInMillis: () => deadline - Date.now() };
      void handler(sqsEvent(message('a', 1)), time);
      await vi.advanceTimersByTimeAsync(timeMs - marginMs - 1);
      expect(aborted).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      expect(aborted).toBe(true);
    },
  );
});
