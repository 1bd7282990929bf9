import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OnUpdate, Update } from '../../../functions/receiver/index.ts';
import {
  type Consumer,
  type QueuedUpdate,
  receiveBatch,
} from '../../../functions/receiver/receive-batch.ts';
import { ManualClock } from '../../sandbox/index.ts';
import { message } from './harness.ts';

type AnyBot = (update: Update) => unknown;

function queued(updateId: number, group = 'chat-1', text = 'hi'): QueuedUpdate {
  const body = JSON.stringify(message(text, updateId));
  return { id: `message-${updateId}`, group, botId: 1, body, attempt: 1 };
}

/** Hands a batch to a bot that has this many milliseconds; `calls` are what it made of its updates. */
function hand(
  batch: readonly QueuedUpdate[],
  onUpdate: AnyBot,
  {
    timeMs = 10_000,
    executeCall: makeCall = async () => {},
  }: { timeMs?: number } & Partial<Consumer> = {},
) {
  const clock = new ManualClock();
  const deadline = clock.now() + timeMs;
  const logged: object[] = [];
  const calls: string[] = [];
  const answer = receiveBatch(batch, {
    botId: 1,
    maxAttempts: 5,
    onUpdate: onUpdate as OnUpdate,
    async executeCall(call, updateId) {
      calls.push(call);
      await makeCall(call, updateId);
    },
    remainingMs: () => deadline - clock.now(),
    sleep: (ms, signal) => clock.sleep(ms, signal).catch(() => {}),
    log: (line) => logged.push(line),
  }).then((unfinished) => unfinished.map(({ id }) => id));
  return { clock, answer, logged, calls };
}

const reply = ({ update_id }: Update) => ({
  method: 'sendMessage',
  chat_id: 1,
  text: String(update_id),
});

describe('a batch', () => {
  it('is done with when every update is, and every call is made', async () => {
    const { answer, calls, logged } = hand([queued(1), queued(2)], reply);
    expect(await answer).toEqual([]);
    expect(calls.map((call) => JSON.parse(call).text)).toEqual(['1', '2']);
    expect(logged).toEqual([]);
  });

  it('of nothing is done with', async () => {
    expect(await hand([], reply).answer).toEqual([]);
  });

  it('leaves the rest of a group alone after a failure, and goes on with the other groups', async () => {
    const seen: number[] = [];
    const batch = [queued(1, 'a'), queued(2, 'b'), queued(3, 'a'), queued(4, 'b'), queued(5, 'a')];
    const { answer, logged } = hand(batch, ({ update_id }) => {
      seen.push(update_id);
      if (update_id === 3) throw new Error('no');
    });
    expect(await answer).toEqual(['message-3', 'message-5']);
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

  it('goes on after an update that has failed for the last time, as it will not come again', async () => {
    const batch = [1, 2, 3, 4].map((id) => ({ ...queued(id), attempt: id === 3 ? 4 : 5 }));
    const { answer } = hand(batch, ({ update_id }) => {
      if (update_id % 2 === 1) throw new Error('no');
    });
    expect(await answer).toEqual(['message-1', 'message-3', 'message-4']);
  });

  it('takes groups side by side', async () => {
    let arrived = 0;
    let release = () => {};
    const all = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { answer } = hand([queued(1, 'a'), queued(2, 'b')], async () => {
      arrived++;
      if (arrived === 2) release();
      await all;
    });
    expect(await answer).toEqual([]);
  });

  it('counts an update whose call fails as failed', async () => {
    const makeCall = () => Promise.reject(new Error('sendMessage: Telegram was not reached'));
    const { answer, logged } = hand([queued(1)], reply, { executeCall: makeCall });
    expect(await answer).toEqual(['message-1']);
    expect(logged).toMatchObject([{ event: 'update.failed', updateId: 1 }]);
  });

  it('shows the probe to no bot', async () => {
    const probe = { ...queued(0), body: '{"update_id":0}' };
    const { answer } = hand([probe], () => expect.unreachable('the bot saw it'));
    expect(await answer).toEqual([]);
  });

  it.each(['', 'hello', '{"no":"update"}', '{"update_id":"1"}'])(
    'reports a message that holds no update: %j',
    async (body) => {
      const { answer, logged } = hand([{ ...queued(1), body }], () => {});
      expect(await answer).toEqual(['message-1']);
      expect(logged).toMatchObject([
        { event: 'update.failed', errorMessage: 'The message holds no update' },
      ]);
    },
  );

  it('logs no content', async () => {
    const { answer, logged } = hand([queued(1, 'a', 'private')], () => {
      throw new Error('no');
    });
    await answer;
    expect(JSON.stringify(logged)).not.toContain('private');
  });
});

describe('a batch that runs out of time', () => {
  it('reports what is not done, and what is done as done', async () => {
    const batch = [queued(1, 'a'), queued(2, 'a'), queued(3, 'a'), queued(4, 'b')];
    const { clock, answer, logged } = hand(
      batch,
      async ({ update_id }) => {
        if (update_id === 2) await new Promise(() => {});
      },
      { timeMs: 5000 },
    );
    await clock.advance(5000);
    expect(await answer).toEqual(['message-2', 'message-3']);
    expect(logged).toEqual([{ event: 'batch.unfinished', messageIds: ['message-2', 'message-3'] }]);
  });

  it('makes no call for an update that it has reported', async () => {
    let finish = (_: unknown) => {};
    const answered = new Promise((resolve) => {
      finish = resolve;
    });
    const { clock, answer, calls } = hand([queued(1)], () => answered, { timeMs: 5000 });
    await clock.advance(5000);
    expect(await answer).toEqual(['message-1']);
    finish(reply(message('hi', 1)));
    await clock.advance(1);
    expect(calls).toEqual([]);
  });

  it('leaves nothing waiting when it is in time', async () => {
    const { clock, answer } = hand([queued(1)], () => {});
    await answer;
    expect(clock.sleeping).toBe(0);
  });
});

describe('any batch', () => {
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
        const { clock, answer } = hand(
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
        void answer.then(() => {
          isOver = true;
        });
        while (!isOver) await clock.advance(100);
        const finished = [...done];
        const unfinished = new Set(await answer);
        for (const group of ['a', 'b', 'c']) {
          const ids = batch.filter((one) => one.group === group).map(({ id }) => id);
          const firstOpen = ids.findIndex((id) => unfinished.has(id));
          const rest = firstOpen === -1 ? [] : ids.slice(firstOpen);
          expect(rest.every((id) => unfinished.has(id))).toBe(true);
          const inOrder = finished.filter((id) => plan[id]?.group === group);
          expect(inOrder).toEqual([...inOrder].sort((x, y) => x - y));
        }
        for (const { id } of batch) {
          if (!unfinished.has(id)) expect(finished).toContain(Number(id.slice('message-'.length)));
        }
      }),
      { numRuns: 50 },
    );
  });
});
