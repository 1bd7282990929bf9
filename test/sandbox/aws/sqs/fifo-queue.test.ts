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

describe('a group', () => {
  it('comes in the order in which it was sent, several in one batch', () => {
    for (const body of ['1', '2', '3']) send(body);
    expect(bodies(2)).toEqual(['1', '2']);
  });

  it('waits while one of it is in flight, and other groups do not', () => {
    send('1', 'a');
    send('2', 'a');
    send('1', 'b');
    const [first] = receive(1);
    expect(bodies()).toEqual(['1']);
    expect(bodies()).toEqual([]);
    queue.delete(first?.receiptHandle ?? '');
    expect(bodies()).toEqual(['2']);
  });

  it('comes back in its place when the visibility timeout is over, counted once more', async () => {
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

  it('comes back at once when its visibility is set to nothing', () => {
    send('1');
    const [one] = receive();
    queue.changeVisibility(one?.receiptHandle ?? '', 0);
    expect(bodies()).toEqual(['1']);
  });
});

describe('a message', () => {
  it('that was sent before is accepted, and is not there twice, even after it was deleted', () => {
    const first = send('1', 'a', 'same');
    const [one] = receive();
    queue.delete(one?.receiptHandle ?? '');
    expect(send('1', 'a', 'same').id).toBe(first.id);
    expect(bodies()).toEqual([]);
  });

  it('is another one after five minutes', async () => {
    send('1', 'a', 'same');
    await clock.advance(5 * MINUTE - 1);
    send('2', 'a', 'same');
    expect(queue.size).toBe(1);
    await clock.advance(1);
    send('3', 'a', 'same');
    expect(queue.size).toBe(2);
  });

  it('is known by its group too, or by the queue alone, as the scope says', () => {
    send('1', 'a', 'same');
    send('1', 'b', 'same');
    expect(queue.size).toBe(2);
    queue = newQueue({ deduplicationScope: 'queue' });
    send('1', 'a', 'same');
    send('1', 'b', 'same');
    expect(queue.size).toBe(1);
  });

  it('is gone when its retention is over', async () => {
    queue = newQueue({ retention: 60 });
    send('1');
    await clock.advance(MINUTE);
    expect(bodies()).toEqual([]);
    expect(queue.size).toBe(0);
  });

  it('is not deleted by the receipt of an earlier receive', async () => {
    send('1');
    const [one] = receive();
    await clock.advance(30_000);
    expect(() => queue.delete(one?.receiptHandle ?? '')).toThrow('The receipt handle has expired');
    expect(bodies()).toEqual(['1']);
  });
});

describe('a message that fails too often', () => {
  it('goes to the dead letters, and its group goes on', async () => {
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

  it('goes back to where it came from, though it was sent within five minutes', async () => {
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
  it('hears of what is sent, unlocked and given back, and of nothing after it has left', async () => {
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

describe('whatever happens', () => {
  it('each group is received in order, and nothing is lost or handed out twice at a time', async () => {
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
            // In order within its group, as a consumer deletes.
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
        // Whatever is left comes back once nobody holds it any more.
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

  it('is quick with a hundred thousand messages of five thousand groups', () => {
    for (let i = 0; i < 100_000; i++) send('x', `chat-${i % 5000}`);
    let received = 0;
    for (let batch = receive(); batch.length > 0; batch = receive()) {
      received += batch.length;
      for (const { receiptHandle } of batch) queue.delete(receiptHandle);
    }
    expect(received).toBe(100_000);
  });
});
