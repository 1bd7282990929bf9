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

type AnyBot = (update: Update) => unknown;

function queued(updateId: number, group = 'chat-1', text = 'hi'): QueuedUpdate {
  const body = JSON.stringify(message(text, updateId));
  return { id: `message-${updateId}`, group, botId: 1, body, attempt: 1 };
}

/** Delivers a batch to a bot that has this much time; `calls` are the Bot API calls it returned. */
function deliver(
  batch: readonly QueuedUpdate[],
  onUpdate: AnyBot,
  { timeMs = 10_000, executeCall = async () => {} }: { timeMs?: number } & Partial<Consumer> = {},
) {
  const clock = new ManualClock();
  const deadline = clock.now() + timeMs;
  const logged: object[] = [];
  const calls: string[] = [];
  const unfinished = receiveBatch(batch, {
    botId: 1,
    maxAttempts: 5,
    onUpdate: onUpdate as OnUpdate,
    async executeCall(call, updateId) {
      calls.push(call);
      await executeCall(call, updateId);
    },
    remainingMs: () => deadline - clock.now(),
    sleep: (ms, signal) => clock.sleep(ms, signal).catch(() => {}),
    log: (line) => logged.push(line),
  }).then((updates) => updates.map(({ id }) => id));
  return { clock, unfinished, logged, calls };
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

describe('receiveBatch when its time is over', () => {
  it('returns the unfinished updates, and not the finished ones', async () => {
    const batch = [queued(1, 'a'), queued(2, 'a'), queued(3, 'a'), queued(4, 'b')];
    const { clock, unfinished, logged } = deliver(
      batch,
      async ({ update_id }) => {
        if (update_id === 2) await new Promise(() => {});
      },
      { timeMs: 5000 },
    );
    await clock.advance(5000);
    expect(await unfinished).toEqual(['message-2', 'message-3']);
    expect(logged).toEqual([{ event: 'batch.unfinished', messageIds: ['message-2', 'message-3'] }]);
  });

  it('executes no call for an update that it has returned', async () => {
    let finish = (_: unknown) => {};
    const returned = new Promise((resolve) => {
      finish = resolve;
    });
    const { clock, unfinished, calls } = deliver([queued(1)], () => returned, { timeMs: 5000 });
    await clock.advance(5000);
    expect(await unfinished).toEqual(['message-1']);
    finish(reply(message('hi', 1)));
    await clock.advance(1);
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
