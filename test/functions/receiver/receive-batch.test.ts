import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OnUpdate, Update } from '../../../functions/receiver/index.ts';
import {
  type Consumer,
  type QueuedUpdate,
  receiveBatch,
} from '../../../functions/receiver/receive-batch.ts';
import { message } from '../../harness.ts';
import { ManualClock } from '../../sandbox/index.ts';

type AnyBot = (update: Update, context: { signal: AbortSignal }) => unknown;

function queued(updateId: number, group = 'chat-1', text = 'hi'): QueuedUpdate {
  const body = JSON.stringify(message(text, updateId));
  const id = `message-${updateId}`;
  return { id, receiptHandle: `handle-${updateId}`, group, botId: 1, body, attempt: 1 };
}

interface Options extends Partial<Pick<Consumer, 'executeCall' | 'maxAttempts'>> {
  /** Until the bot's time is over; Lambda ends the process two seconds later. */
  readonly timeMs?: number;
  /** Makes the queue refuse. */
  readonly queueFails?: boolean;
}

/**
 * Delivers a batch to a bot that has this much time. `calls` are the Bot API calls it returned, `requests` are those
 * to the queue.
 */
function deliver(batch: readonly QueuedUpdate[], onUpdate: AnyBot, options: Options = {}) {
  const { timeMs = 10_000, executeCall = async () => {}, maxAttempts = 5, queueFails } = options;
  const marginMs = 2000;
  const clock = new ManualClock();
  const deadline = clock.now() + timeMs + marginMs;
  const logged: object[] = [];
  const calls: string[] = [];
  const requests: string[] = [];
  const request = async (text: string) => {
    requests.push(text);
    if (queueFails) throw new Error('AccessDenied');
  };
  const unfinished = receiveBatch(batch, {
    botId: 1,
    maxAttempts,
    onUpdate: onUpdate as OnUpdate,
    async executeCall(call, updateId) {
      calls.push(call);
      await executeCall(call, updateId);
    },
    queue: {
      changeVisibility: (handles, seconds) => request(`${handles} in ${seconds} s`),
      delete: (handles) => request(`delete ${handles}`),
    },
    remainingMs: () => deadline - clock.now(),
    marginMs,
    sleep: (ms, signal) => clock.sleep(ms, signal).catch(() => {}),
    exit: () => requests.push('exit'),
    log: (line) => logged.push(line),
  }).then((updates) => updates.map(({ id }) => id));
  return { clock, unfinished, logged, calls, requests };
}

const reply = ({ update_id }: Update) => ({
  method: 'sendMessage',
  chat_id: 1,
  text: String(update_id),
});

describe('receiveBatch', () => {
  it('returns nothing when every update is handled and every call is executed', async () => {
    const { unfinished, calls, logged } = deliver([queued(1), queued(2)], reply);
    expect(await unfinished).toEqual([]);
    expect(calls.map((call) => JSON.parse(call).text)).toEqual(['1', '2']);
    expect(logged).toEqual([]);
  });

  it('returns nothing for an empty batch', async () => {
    expect(await deliver([], reply).unfinished).toEqual([]);
  });

  it('skips the rest of a group after a failure, and continues with the other groups', async () => {
    const seen: number[] = [];
    const batch = [queued(1, 'a'), queued(2, 'b'), queued(3, 'a'), queued(4, 'b'), queued(5, 'a')];
    const { unfinished, logged } = deliver(batch, ({ update_id }) => {
      seen.push(update_id);
      if (update_id === 3) throw new Error('no');
    });
    expect(await unfinished).toEqual(['message-3', 'message-5']);
    expect(seen.sort()).toEqual([1, 2, 3, 4]);
    expect(logged).toMatchObject([
      {
        event: 'update.failed',
        updateId: 3,
        messageId: 'message-3',
        attempt: 1,
        errorMessage: 'no',
      },
    ]);
  });

  it('continues after the last attempt of an update, which is not delivered again', async () => {
    const batch = [1, 2, 3, 4].map((id) => ({ ...queued(id), attempt: id === 3 ? 4 : 5 }));
    const { unfinished } = deliver(batch, ({ update_id }) => {
      if (update_id % 2 === 1) throw new Error('no');
    });
    expect(await unfinished).toEqual(['message-1', 'message-3', 'message-4']);
  });

  it('runs groups concurrently', async () => {
    let arrived = 0;
    let release = () => {};
    const all = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { unfinished } = deliver([queued(1, 'a'), queued(2, 'b')], async () => {
      arrived++;
      if (arrived === 2) release();
      await all;
    });
    expect(await unfinished).toEqual([]);
  });

  it('counts an update whose call fails as failed', async () => {
    const executeCall = () => Promise.reject(new Error('sendMessage: Telegram was not reached'));
    const { unfinished, logged } = deliver([queued(1)], reply, { executeCall });
    expect(await unfinished).toEqual(['message-1']);
    expect(logged).toMatchObject([{ event: 'update.failed', updateId: 1 }]);
  });

  it('does not pass a probe to the bot', async () => {
    const probe = { ...queued(0), body: '{"update_id":0}' };
    const { unfinished } = deliver([probe], () => expect.unreachable('the bot saw it'));
    expect(await unfinished).toEqual([]);
  });

  it.each(['', 'hello', '{"no":"update"}', '{"update_id":"1"}'])(
    'returns a message that holds no update: %j',
    async (body) => {
      const { unfinished, logged } = deliver([{ ...queued(1), body }], () => {});
      expect(await unfinished).toEqual(['message-1']);
      expect(logged).toMatchObject([
        { event: 'update.failed', errorMessage: 'The message holds no update' },
      ]);
    },
  );

  it('does not log content', async () => {
    const { unfinished, logged } = deliver([queued(1, 'a', 'private')], () => {
      throw new Error('no');
    });
    await unfinished;
    expect(JSON.stringify(logged)).not.toContain('private');
  });
});

describe('receiveBatch after a failure', () => {
  const failing = () => {
    throw new Error('no');
  };

  it('retries the failed update and all that follow in its group at the same time', async () => {
    const batch = [queued(1, 'a'), queued(2, 'b'), queued(3, 'a'), queued(4, 'a')];
    const { unfinished, requests, logged } = deliver(batch, ({ update_id }) => {
      if (update_id === 3) throw new Error('no');
    });
    expect(await unfinished).toEqual(['message-3', 'message-4']);
    expect(requests).toEqual(['handle-3,handle-4 in 1 s']);
    expect(logged).toMatchObject([{ updateId: 3, retryInSeconds: 1 }]);
  });

  it.each([
    [1, 1],
    [4, 10],
    [7, 30],
  ])('after attempt %i waits %i s', async (attempt, seconds) => {
    const { unfinished, requests } = deliver([{ ...queued(1), attempt }], failing, {
      maxAttempts: 8,
    });
    await unfinished;
    expect(requests).toEqual([`handle-1 in ${seconds} s`]);
  });

  it('lets SQS dead-letter an update without delay after its last attempt', async () => {
    const { unfinished, requests, logged } = deliver([{ ...queued(1), attempt: 5 }], failing);
    expect(await unfinished).toEqual(['message-1']);
    expect(requests).toEqual(['handle-1 in 0 s']);
    expect(logged[0]).not.toHaveProperty('retryInSeconds');
  });

  it('falls back to the visibility timeout of the queue when the retry cannot be scheduled', async () => {
    const { unfinished, logged } = deliver([queued(1)], failing, { queueFails: true });
    expect(await unfinished).toEqual(['message-1']);
    expect(logged).toMatchObject([
      { event: 'update.failed' },
      { event: 'retry.unscheduled', messageIds: ['message-1'], errorMessage: 'AccessDenied' },
    ]);
  });

  it.each([
    [
      'a Proxy',
      () => new Proxy(new Error('x'), { get: () => failing(), getPrototypeOf: () => failing() }),
    ],
    ['null', () => null],
    [
      'an error whose getters throw',
      () => Object.defineProperty(new Error('x'), 'stack', { get: failing }),
    ],
  ])('keeps the other chats of the batch when a bot throws %s', async (_, thrown) => {
    const { unfinished } = deliver(
      [queued(1, 'a'), queued(2, 'b'), queued(3, 'c')],
      ({ update_id }) => {
        if (update_id === 2) throw thrown();
      },
    );
    expect(await unfinished).toEqual(['message-2']);
  });

  it.each(['setWebhook', 'getMe', 'DELETEWEBHOOK', '../sendMessage', 'sendMessage?chat_id=5'])(
    'refuses a returned call of %s, logs that, and counts the update as done',
    async (method) => {
      const { unfinished, calls, logged, requests } = deliver([queued(1)], () => ({ method }));
      expect(await unfinished).toEqual([]);
      expect(calls).toEqual([]);
      expect(requests).toEqual([]);
      expect(logged).toMatchObject([{ event: 'call.refused', updateId: 1 }]);
    },
  );
});

describe('receiveBatch when its time is over', () => {
  const forever = () => new Promise<never>(() => {});

  it('aborts the signal of the bot', async () => {
    let aborted = false;
    const { clock } = deliver(
      [queued(1)],
      (_, { signal }) => {
        signal.addEventListener('abort', () => {
          aborted = true;
        });
        return forever();
      },
      { timeMs: 5000 },
    );
    await clock.advance(4999);
    expect(aborted).toBe(false);
    await clock.advance(1);
    expect(aborted).toBe(true);
  });

  it('responds when the bot reacts to its signal, and retries the update', async () => {
    const { clock, unfinished, requests } = deliver(
      [queued(1, 'a'), queued(2, 'b')],
      ({ update_id }, { signal }) => {
        if (update_id === 2) return undefined;
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        });
      },
      { timeMs: 5000 },
    );
    await clock.advance(5000);
    expect(await unfinished).toEqual(['message-1']);
    expect(requests).toEqual(['handle-1 in 1 s']);
  });

  it('deletes what is done, schedules the rest, and ends the process when work goes on', async () => {
    const batch = [queued(1, 'a'), queued(2, 'a'), queued(3, 'a'), queued(4, 'b')];
    const { clock, requests, logged } = deliver(
      batch,
      ({ update_id }) => (update_id === 2 ? forever() : undefined),
      { timeMs: 5000 },
    );
    await clock.advance(5500);
    // A real process has ended by then.
    expect(requests.slice(0, 3)).toEqual([
      'delete handle-1,handle-4',
      'handle-2,handle-3 in 1 s',
      'exit',
    ]);
    expect(logged).toEqual([{ event: 'batch.unfinished', messageIds: ['message-2', 'message-3'] }]);
  });

  it('leaves the end of the process to Lambda when nothing is done, and retries only after that', async () => {
    const { clock, unfinished, requests } = deliver([queued(1), queued(2)], forever, {
      timeMs: 5000,
    });
    let hasResponded = false;
    void unfinished.then(() => {
      hasResponded = true;
    });
    await clock.advance(60_000);
    expect(hasResponded).toBe(false);
    // 1.5 s are left when the retry is scheduled, so the first second of its own begins after the end.
    expect(requests).toEqual(['handle-1,handle-2 in 4 s']);
  });

  it('does not schedule again what has failed before', async () => {
    const { clock, requests } = deliver(
      [queued(1, 'a'), queued(2, 'b')],
      ({ update_id }) => {
        if (update_id === 1) throw new Error('no');
        return forever();
      },
      { timeMs: 5000 },
    );
    await clock.advance(5500);
    expect(requests).toEqual(['handle-1 in 1 s', 'handle-2 in 4 s']);
  });

  it('starts no further update of a chat', async () => {
    const seen: number[] = [];
    const { clock, unfinished } = deliver(
      [queued(1), queued(2)],
      async ({ update_id }, { signal }) => {
        seen.push(update_id);
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      },
      { timeMs: 5000 },
    );
    await clock.advance(5000);
    expect(await unfinished).toEqual(['message-2']);
    expect(seen).toEqual([1]);
  });

  it('executes no call for an update that it has returned', async () => {
    const { clock, unfinished, calls } = deliver(
      [queued(1)],
      async (update, { signal }) => {
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        return reply(update);
      },
      { timeMs: 5000 },
    );
    await clock.advance(5000);
    expect(await unfinished).toEqual(['message-1']);
    expect(calls).toEqual([]);
  });

  it('leaves no timer running when it finishes in time', async () => {
    const { clock, unfinished } = deliver([queued(1)], () => {});
    await unfinished;
    expect(clock.sleeping).toBe(0);
  });
});

describe('receiveBatch with any batch', () => {
  it('keeps each group in order, stops it at its first failure, and accounts for every message', async () => {
    const updates = fc.array(
      fc.record({
        group: fc.constantFrom('a', 'b', 'c'),
        takesMs: fc.nat(3000),
        fails: fc.boolean(),
      }),
      { maxLength: 10 },
    );
    await fc.assert(
      fc.asyncProperty(updates, fc.integer({ min: 1, max: 10_000 }), async (plan, timeMs) => {
        const batch = plan.map(({ group }, index) => queued(index, group));
        const done: number[] = [];
        const { clock, unfinished } = deliver(
          batch,
          async ({ update_id }) => {
            const step = plan[update_id];
            await clock.sleep(step?.takesMs ?? 0);
            if (step?.fails) throw new Error('no');
            done.push(update_id);
          },
          { timeMs },
        );
        let isOver = false;
        void unfinished.then(() => {
          isOver = true;
        });
        while (!isOver) await clock.advance(100);
        const finished = [...done];
        const open = new Set(await unfinished);
        for (const group of ['a', 'b', 'c']) {
          const ids = batch.filter((one) => one.group === group).map(({ id }) => id);
          const firstOpen = ids.findIndex((id) => open.has(id));
          const rest = firstOpen === -1 ? [] : ids.slice(firstOpen);
          expect(rest.every((id) => open.has(id))).toBe(true);
          const inOrder = finished.filter((id) => plan[id]?.group === group);
          expect(inOrder).toEqual([...inOrder].sort((x, y) => x - y));
        }
        for (const { id } of batch) {
          if (!open.has(id)) expect(finished).toContain(Number(id.slice('message-'.length)));
        }
      }),
      { numRuns: 50 },
    );
  });
});
