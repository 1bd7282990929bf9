import { expect, it } from 'vitest';
import { receiveBatch } from '../../../functions/receiver/receive-batch.ts';
import { message } from '../../harness.ts';
import { FifoQueue, ManualClock } from '../../sandbox/index.ts';

const VISIBILITY_S = 150;
const MAX_ATTEMPTS = 5;

const clock = new ManualClock();
const settings = { visibilityTimeout: VISIBILITY_S, retention: 14 * 24 * 3600 } as const;
const scope = { deduplicationScope: 'messageGroup' } as const;
const deadLetters = new FifoQueue({ ...settings, ...scope, name: 'DeadLetters.fifo' }, clock);
const queue = new FifoQueue(
  {
    ...settings,
    ...scope,
    name: 'Updates.fifo',
    redrive: { deadLetters, maxReceiveCount: MAX_ATTEMPTS },
  },
  clock,
);

it('dead-letters only the poison update, however many updates of its chat share its batches', async () => {
  const updates = Array.from({ length: 12 }, (_, index) => index + 1);
  for (const id of updates) {
    const body = JSON.stringify(message('hi', id));
    queue.send({ body, group: '1-chat-42', deduplicationId: `1-${id}` });
  }
  const answered: number[] = [];
  while (queue.size > 0) {
    const batch = queue.receive({ max: 10 });
    const unfinished = await receiveBatch(
      batch.map(({ id, group, body, receiveCount: attempt }) => {
        return { id, group, botId: 1, body, attempt };
      }),
      {
        botId: 1,
        maxAttempts: MAX_ATTEMPTS,
        onUpdate({ update_id }) {
          if (update_id === 1) throw new Error('This bot always fails on that update');
          answered.push(update_id);
        },
        executeCall: async () => {},
        remainingMs: () => 10_000,
        sleep: (ms, signal) => clock.sleep(ms, signal).catch(() => {}),
        log: () => {},
      },
    );
    const open = new Set(unfinished.map(({ id }) => id));
    for (const { id, receiptHandle } of batch) if (!open.has(id)) queue.delete(receiptHandle);
    await clock.advance(VISIBILITY_S * 1000);
  }
  expect(answered).toEqual(updates.slice(1));
  expect(deadLetters.size).toBe(1);
});
