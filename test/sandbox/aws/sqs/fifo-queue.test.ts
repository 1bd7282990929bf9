import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../clock.ts';
import { FifoQueue, type QueueConfiguration } from './fifo-queue.ts';

const MINUTE = 60_000;

let clock: ManualClock;
let queue: FifoQueue;
beforeEach(() => {
  clock = new ManualClock();
  queue = newQueue();
});

function newQueue(over: Partial<QueueConfiguration> = {}): FifoQueue {
  const configuration = {
    name: 'Updates.fifo',
    visibilityTimeout: 30,
    retention: 14 * 24 * 3600,
    deduplicationScope: 'messageGroup',
    ...over,
  } as const;
  return new FifoQueue(configuration, clock);
}

let ids = 0;
const send = (body: string, group = 'a', deduplicationId = String(++ids)) =>
  queue.send({ body, group, deduplicationId });
const receive = (max = 10) => queue.receive({ max });
const bodies = (max?: number) => receive(max).map(({ body }) => body);

describe('a message group', () => {
  it('is received in the order in which it was sent, several messages in one batch', () => {
    for (const body of ['1', '2', '3']) send(body);
    expect(bodies(2)).toEqual(['1', '2']);
  });

  it('waits while one of its messages is in flight, without holding up other groups', () => {
    send('1', 'a');
    send('2', 'a');
    send('1', 'b');
    const [first] = receive(1);
    expect(bodies()).toEqual(['1']);
    expect(bodies()).toEqual([]);
    queue.delete(first?.receiptHandle ?? '');
    expect(bodies()).toEqual(['2']);
  });

  it('returns to its place after the visibility timeout, with a higher receive count', async () => {
    for (const body of ['1', '2', '3']) send(body);
    const [one] = receive(2);
    queue.delete(one?.receiptHandle ?? '');
    await clock.advance(29_999);
    expect(bodies()).toEqual([]);
    await clock.advance(1);
    const again = receive();
    expect(again.map(({ body }) => body)).toEqual(['2', '3']);
    expect(again.map(({ receiveCount }) => receiveCount)).toEqual([2, 1]);
  });

  it('returns immediately when its visibility timeout is set to zero', () => {
    send('1');
    const [one] = receive();
    queue.changeVisibility(one?.receiptHandle ?? '', 0);
    expect(bodies()).toEqual(['1']);
  });
});

it('shows all messages in the order of their groups, and when those in flight return', () => {
  for (const body of ['1', '2', '3']) send(body);
  receive(2);
  const shown = queue
    .messages()
    .map(({ body, visibleAt, receiveCount }) => [
      body,
      receiveCount,
      visibleAt && visibleAt - clock.now(),
    ]);
  expect(shown).toEqual([
    ['1', 1, 30_000],
    ['2', 1, 30_000],
    ['3', 0, undefined],
  ]);
});

describe('a message', () => {
  it('is accepted but not queued twice when it is sent again, even after it was deleted', () => {
    const first = send('1', 'a', 'same');
    const [one] = receive();
    queue.delete(one?.receiptHandle ?? '');
    expect(send('1', 'a', 'same').id).toBe(first.id);
    expect(bodies()).toEqual([]);
  });

  it('is no longer a duplicate after five minutes', async () => {
    send('1', 'a', 'same');
    await clock.advance(5 * MINUTE - 1);
    send('2', 'a', 'same');
    expect(queue.size).toBe(1);
    await clock.advance(1);
    send('3', 'a', 'same');
    expect(queue.size).toBe(2);
  });

  it('is deduplicated within its group or within the queue, depending on the scope', () => {
    send('1', 'a', 'same');
    send('1', 'b', 'same');
    expect(queue.size).toBe(2);
    queue = newQueue({ deduplicationScope: 'queue' });
    send('1', 'a', 'same');
    send('1', 'b', 'same');
    expect(queue.size).toBe(1);
  });

  it('is dropped when its retention period is over', async () => {
    queue = newQueue({ retention: 60 });
    send('1');
    await clock.advance(MINUTE);
    expect(bodies()).toEqual([]);
    expect(queue.size).toBe(0);
  });

  it('is not deleted by the receipt handle of an earlier receive', async () => {
    send('1');
    const [one] = receive();
    await clock.advance(30_000);
    expect(() => queue.delete(one?.receiptHandle ?? '')).toThrow('The receipt handle has expired');
    expect(bodies()).toEqual(['1']);
  });
});

describe('a message that fails too often', () => {
  it('goes to the dead-letter queue, and its group continues', async () => {
    const deadLetters = newQueue();
    queue = newQueue({ redrive: { deadLetters, maxReceiveCount: 2 } });
    send('poison');
    send('next');
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(bodies(1)).toEqual(['poison']);
      await clock.advance(30_000);
    }
    expect(bodies(1)).toEqual(['next']);
    const [dead] = deadLetters.receive({ max: 10 });
    expect(dead).toMatchObject({ body: 'poison', group: 'a', receiveCount: 3 });
  });

  it('moves back to its source queue, even if it was sent less than five minutes ago', async () => {
    const deadLetters = newQueue();
    queue = newQueue({ redrive: { deadLetters, maxReceiveCount: 1 } });
    send('poison');
    bodies();
    await clock.advance(30_000);
    expect(bodies()).toEqual([]);
    expect(deadLetters.moveTo(queue)).toBe(1);
    expect(deadLetters.size).toBe(0);
    expect(receive()).toMatchObject([{ body: 'poison', receiveCount: 1 }]);
  });
});

describe('a listener', () => {
  it('is called when a message is sent, unblocked or returned, and not after it unsubscribes', async () => {
    let heard = 0;
    const leave = queue.onArrival(() => heard++);
    send('1');
    send('2');
    expect(heard).toBe(1);
    const [one] = receive(1);
    queue.delete(one?.receiptHandle ?? '');
    expect(heard).toBe(2);
    receive(1);
    await clock.advance(30_000);
    expect(heard).toBe(3);
    leave();
    send('1', 'b');
    expect(heard).toBe(3);
  });
});

describe('a queue', () => {
  it('keeps each group in order, and never loses a message or hands one out twice at a time', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('send' as const), group: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ kind: fc.constant('receive' as const), max: fc.integer({ min: 1, max: 10 }) }),
      fc.record({ kind: fc.constant('delete' as const), which: fc.nat(20) }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(40_000) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        clock = new ManualClock();
        queue = newQueue();
        let sent = 0;
        const held: { handle: string; group: string; body: string; until: number }[] = [];
        const deleted: Record<string, number[]> = { a: [], b: [], c: [] };
        for (const one of steps) {
          if (one.kind === 'send') send(String(++sent), one.group);
          if (one.kind === 'wait') await clock.advance(one.ms);
          if (one.kind === 'receive') {
            for (const { receiptHandle, group, body } of receive(one.max)) {
              const twice = held.some((other) => other.body === body && other.until > clock.now());
              expect(twice, 'handed out while in flight').toBe(false);
              const later = deleted[group]?.some((number) => number > Number(body));
              expect(later, 'overtaken').toBe(false);
              held.push({ handle: receiptHandle, group, body, until: clock.now() + 30_000 });
            }
          }
          if (one.kind === 'delete') {
            // Deletes in order within the group, as a consumer does.
            const mine = held.filter(({ until }) => until > clock.now());
            const chosen = mine[one.which % Math.max(1, mine.length)];
            const first = mine.find(({ group }) => group === chosen?.group);
            if (first) {
              queue.delete(first.handle);
              held.splice(held.indexOf(first), 1);
              deleted[first.group]?.push(Number(first.body));
            }
          }
        }
        // The remaining messages return once no consumer holds them any more.
        await clock.advance(30_000);
        const left: number[] = [];
        for (let batch = receive(); batch.length > 0; batch = receive()) {
          for (const { receiptHandle, body } of batch) {
            left.push(Number(body));
            queue.delete(receiptHandle);
          }
        }
        const all = [...Object.values(deleted).flat(), ...left].sort((x, y) => x - y);
        expect(all).toEqual(Array.from({ length: sent }, (_, index) => index + 1));
        expect(queue.size).toBe(0);
        for (const numbers of Object.values(deleted)) {
          expect(numbers).toEqual([...numbers].sort((x, y) => x - y));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('is fast with a hundred thousand messages in five thousand groups', () => {
    for (let i = 0; i < 100_000; i++) send('x', `chat-${i % 5000}`);
    let received = 0;
    for (let batch = receive(); batch.length > 0; batch = receive()) {
      received += batch.length;
      for (const { receiptHandle } of batch) queue.delete(receiptHandle);
    }
    expect(received).toBe(100_000);
  });
});
