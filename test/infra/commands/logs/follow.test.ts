import { setImmediate as settled } from 'node:timers/promises';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { follow, readOnce } from '../../../../infra/commands/logs/follow.ts';
import { tailLive } from '../../../../infra/commands/logs/live-tail.ts';
import { type LoggedEvent, LogTail } from '../../../../infra/commands/logs/log-tail.ts';

interface Stored {
  readonly timestamp: number;
  readonly logStreamName: string;
  readonly message: string;
}

const sourceOf = (group: string) => ({
  group,
  label: group,
  region: 'us-east-1',
  arn: `arn:aws:logs:us-east-1:123456789012:log-group:${group}`,
});

/** Fakes CloudWatch Logs, with three events a page. What is in `groups` can be read from now on. */
function cloudWatch(groups: Record<string, Stored[] | Error>) {
  const reads: number[] = [];
  const send = async ({ input }: { input: Record<string, string & number> }) => {
    const { logGroupName = '', startTime = 0, nextToken = '0' } = input;
    const stored = groups[logGroupName] ?? [];
    if (stored instanceof Error) throw stored;
    if (nextToken === '0') reads.push(startTime);
    const found = stored
      .filter(({ timestamp }) => timestamp >= startTime)
      .sort((a, b) => a.timestamp - b.timestamp);
    const end = Number(nextToken) + 3;
    return {
      events: found.slice(Number(nextToken), end),
      nextToken: end < found.length ? String(end) : undefined,
    };
  };
  const client = Object.assign(new CloudWatchLogsClient({ region: 'us-east-1' }), { send });
  const tailOf = (group: string) => new LogTail(client, sourceOf(group), 0);
  return { client, tailOf, reads };
}

const at = (timestamp: number, message = `${timestamp}`, logStreamName = 's'): Stored => ({
  timestamp,
  message,
  logStreamName,
});

async function messagesOf(tails: LogTail[], signal = new AbortController().signal) {
  const messages: string[] = [];
  const problems: string[] = [];
  await readOnce(tails, {
    signal,
    onEvent: ({ message }) => messages.push(message),
    onProblem: ({ source }, error) => problems.push(`${source.group}: ${error.message}`),
  });
  return { messages, problems };
}

describe('a read of several log groups', () => {
  it('merges their pages by time', async () => {
    const { tailOf } = cloudWatch({
      a: [1, 4, 5, 6, 9].map((t) => at(t)),
      b: [2, 3, 7, 8].map((t) => at(t)),
    });
    const { messages } = await messagesOf(['a', 'b'].map(tailOf));
    expect(messages).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });

  it('reports a group that cannot be read, and reads the others', async () => {
    const { tailOf } = cloudWatch({ a: new Error('denied'), b: [at(2)] });
    expect(await messagesOf(['a', 'b'].map(tailOf))).toEqual({
      messages: ['2'],
      problems: ['a: denied'],
    });
  });

  it('ends when it is interrupted', async () => {
    const { tailOf } = cloudWatch({ a: [at(1)] });
    expect((await messagesOf([tailOf('a')], AbortSignal.abort())).messages).toEqual([]);
  });
});

describe('a log group that is read again', () => {
  it('returns every event once, also late ones and the same text twice in a millisecond', async () => {
    const stored = [
      at(100_000),
      at(100_001, 'same'),
      at(100_001, 'same'),
      at(100_001, 'same', 't'),
    ];
    const { tailOf, reads } = cloudWatch({ a: stored });
    const tail = tailOf('a');
    expect((await messagesOf([tail])).messages).toHaveLength(4);
    expect((await messagesOf([tail])).messages).toEqual([]);
    stored.push(at(50_000, 'late'), at(100_001, 'same'), at(100_002, 'new'));
    expect((await messagesOf([tail])).messages).toEqual(['late', 'same', 'new']);
    expect(reads).toEqual([0, 40_001, 40_001]);
  });

  it('loses and repeats nothing, whatever is late by less than a minute and whatever is also live', async () => {
    const event = fc.record({
      timestamp: fc.integer({ min: 0, max: 200_000 }),
      lateMs: fc.integer({ max: 59_000, min: 0 }),
      liveMs: fc.option(fc.integer({ max: 59_000, min: 0 })),
      text: fc.constantFrom('x', 'y'),
    });
    const reads = fc.array(fc.integer({ min: 0, max: 260_000 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 40 }), reads, async (events, times) => {
        const stored: Stored[] = [];
        const { tailOf } = cloudWatch({ a: stored });
        const tail = tailOf('a');
        const printed: string[] = [];
        const counts = new Map();
        const print = ({ timestamp, message }: { timestamp: number; message: string }) =>
          printed.push(`${timestamp} ${message}`);
        type Event = (typeof events)[number];
        const steps: { at: number; store?: Event; live?: Event }[] = [
          ...events.map((e) => ({ at: e.timestamp + e.lateMs, store: e })),
          ...events
            .filter(({ liveMs }) => liveMs !== null)
            .map((e) => ({ at: e.timestamp + (e.liveMs ?? 0), live: e })),
          ...[...times, 300_000].map((time) => ({ at: time })),
        ].sort((a, b) => a.at - b.at);
        for (const step of steps) {
          if (step.store) stored.push(at(step.store.timestamp, step.store.text));
          else if (step.live) {
            const { timestamp, text } = step.live;
            const live = { source: tail.source, timestamp, stream: 's', message: text };
            if (tail.isNew(live, counts)) print(live);
          } else for await (const read of tail.read(new AbortController().signal)) print(read);
        }
        const expected = events.map(({ timestamp, text }) => `${timestamp} ${text}`);
        expect(printed.sort()).toEqual(expected.sort());
      }),
      { numRuns: 500 },
    );
  });
});

describe('following', () => {
  const quick = { polling: 1, live: 1 };

  it('goes on where it was when reads fail, and says so once', async () => {
    const groups: Record<string, Stored[] | Error> = { a: [at(1)] };
    const { tailOf } = cloudWatch(groups);
    const interruption = new AbortController();
    const printed: string[] = [];
    const problems: string[] = [];
    const following = follow([tailOf('a')], {
      signal: interruption.signal,
      intervalMs: quick,
      live: async () => {
        throw new Error('not offered here');
      },
      onEvent: ({ message }) => printed.push(message),
      onProblem: (_tail, { message }) => problems.push(message),
    });
    await expect.poll(() => printed).toEqual(['1']);
    groups.a = new Error('throttled');
    await expect.poll(() => problems).toEqual(['throttled']);
    groups.a = [at(1), at(2)];
    await expect.poll(() => printed).toEqual(['1', '2']);
    interruption.abort();
    await following;
    expect(problems).toEqual(['throttled']);
  });

  it('prints live events at once, and not again when they are read', async () => {
    const stored = [at(1)];
    const { client, tailOf } = cloudWatch({ a: stored });
    const tail = tailOf('a');
    const updates: unknown[][] = [
      [{ logGroupIdentifier: '123456789012:a', logStreamName: 's', timestamp: 2, message: 'two' }],
      [
        { logGroupIdentifier: tail.source.arn, logStreamName: 's', timestamp: 3, message: 'three' },
        { logGroupIdentifier: 'arn:other', logStreamName: 's', timestamp: 3, message: 'not ours' },
      ],
    ];
    const interruption = new AbortController();
    async function* responseStream() {
      for (const sessionResults of updates) yield { sessionUpdate: { sessionResults } };
      await new Promise((resolve) => interruption.signal.addEventListener('abort', resolve));
    }
    const read = client.send;
    const live = Object.assign(new CloudWatchLogsClient({ region: 'us-east-1' }), {
      send: async (command: { input: object }) =>
        'logGroupIdentifiers' in command.input
          ? { responseStream: responseStream() }
          : read(command as never),
    });
    const printed: string[] = [];
    const following = follow([tail], {
      signal: interruption.signal,
      intervalMs: quick,
      live: (onEvents: (events: readonly LoggedEvent[]) => void) =>
        tailLive(live as never, [tail], { signal: interruption.signal, onEvents }),
      onEvent: ({ message }) => printed.push(message),
      onProblem: () => expect.unreachable('there is no problem'),
    });
    await expect.poll(() => printed).toEqual(['1', 'two', 'three']);
    stored.push(at(2, 'two'), at(3, 'three'), at(4, 'four'));
    await expect.poll(() => printed).toEqual(['1', 'two', 'three', 'four']);
    interruption.abort();
    await following;
    await settled();
    expect(printed).toHaveLength(4);
  });
});
