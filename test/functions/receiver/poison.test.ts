import { beforeEach, describe, expect, it } from 'vitest';
import type { OnUpdate, Update } from '../../../functions/receiver/index.ts';
import { receiveBatch } from '../../../functions/receiver/receive-batch.ts';
import { message } from '../../harness.ts';
import { FifoQueue, ManualClock } from '../../sandbox/index.ts';

const VISIBILITY_S = 150;
const MAX_ATTEMPTS = 8;
const MINUTE_MS = 60_000;

/** A queue with its dead letters, and a bot behind it, on a clock that only the test advances. */
class QueuedBot {
  readonly clock = new ManualClock();
  readonly deadLetters: FifoQueue;
  readonly queue: FifoQueue;
  private readonly onUpdate: (update: Update) => unknown;

  constructor(onUpdate: (update: Update) => unknown) {
    this.onUpdate = onUpdate;
    const settings = {
      visibilityTimeout: VISIBILITY_S,
      retention: 14 * 24 * 3600,
      deduplicationScope: 'messageGroup',
    } as const;
    this.deadLetters = new FifoQueue({ ...settings, name: 'DeadLetters.fifo' }, this.clock);
    const redrive = { deadLetters: this.deadLetters, maxReceiveCount: MAX_ATTEMPTS };
    this.queue = new FifoQueue({ ...settings, name: 'Updates.fifo', redrive }, this.clock);
  }

  send(id: number, chat = 42): void {
    const body = JSON.stringify(message('hi', id));
    this.queue.send({ body, group: `1-chat-${chat}`, deduplicationId: `1-${id}` });
  }

  /** Handles batches for a while, and then returns. */
  async run(ms: number, batchSize = 1): Promise<void> {
    const end = this.clock.now() + ms;
    while (this.queue.size > 0 && this.clock.now() < end) {
      const batch = this.queue.receive({ max: batchSize });
      if (batch.length === 0) await this.clock.advance(1000);
      else await this.handle(batch);
    }
  }

  private async handle(batch: ReturnType<FifoQueue['receive']>): Promise<void> {
    const unfinished = await receiveBatch(
      batch.map(({ id, receiptHandle, group, body, receiveCount: attempt }) => {
        return { id, receiptHandle, group, botId: 1, body, attempt };
      }),
      {
        botId: 1,
        maxAttempts: MAX_ATTEMPTS,
        onUpdate: this.onUpdate as OnUpdate,
        executeCall: async () => {},
        queue: {
          changeVisibility: async (handles, seconds) => {
            for (const handle of handles) this.queue.changeVisibility(handle, seconds * 1000);
          },
          delete: async (handles) => {
            for (const handle of handles) this.queue.delete(handle);
          },
        },
        remainingMs: () => 10_000,
        marginMs: 1000,
        sleep: (ms, signal) => this.clock.sleep(ms, signal).catch(() => {}),
        exit: () => expect.unreachable('no time ran out'),
        log: () => {},
      },
    );
    const open = new Set(unfinished.map(({ id }) => id));
    for (const { id, receiptHandle } of batch) if (!open.has(id)) this.queue.delete(receiptHandle);
  }
}

describe('a poison update', () => {
  let answered: number[];
  let bot: QueuedBot;
  beforeEach(() => {
    answered = [];
    bot = new QueuedBot(({ update_id }) => {
      if (update_id === 1) throw new Error('This bot always fails on that update');
      answered.push(update_id);
    });
  });

  it('leaves its chat within two minutes, as the only dead letter', async () => {
    for (const id of [1, 2, 3]) bot.send(id);
    bot.send(4, 7);
    await bot.run(2 * MINUTE_MS);
    expect(answered).toEqual([4, 2, 3]);
    expect(bot.deadLetters.size).toBe(1);
    expect(bot.queue.size).toBe(0);
  });

  it('is the only dead letter, however many updates of its chat share its batches', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => index + 1);
    for (const id of ids) bot.send(id);
    await bot.run(2 * MINUTE_MS, 10);
    expect(answered).toEqual(ids.slice(1));
    expect(bot.deadLetters.size).toBe(1);
  });
});

describe('an outage of half an hour', () => {
  it.each([1, 10])(
    'makes no dead letter, and keeps the order of each chat, with batches of %i',
    async (batchSize) => {
      const answered: number[] = [];
      const outageEnds = () => start + 30 * MINUTE_MS;
      const bot = new QueuedBot(({ update_id }) => {
        if (bot.clock.now() < outageEnds()) {
          throw new TypeError('fetch failed', {
            cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }),
          });
        }
        answered.push(update_id);
      });
      const start = bot.clock.now();
      for (let id = 1; id <= 20; id++) bot.send(id, id % 2);
      await bot.run(60 * MINUTE_MS, batchSize);
      expect(bot.deadLetters.size).toBe(0);
      expect(bot.queue.size).toBe(0);
      for (const chat of [0, 1]) {
        const ids = answered.filter((id) => id % 2 === chat);
        expect(ids).toEqual([...ids].sort((a, b) => a - b));
        expect(ids).toHaveLength(10);
      }
    },
  );
});
