import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { describe, expect, it } from 'vitest';
import { loggedErrorIn, recentErrors } from '../../../../infra/commands/status/recent-errors.ts';

const now = Date.parse('2027-03-01T12:00:00Z');
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

interface Input {
  readonly startTime: number;
  readonly endTime?: number;
  readonly nextToken?: string;
}

/** Fakes a log of errors, named by their age in minutes, in pages of `pageSize` events. */
function logWith(ages: readonly number[], pageSize = 2) {
  const inputs: Input[] = [];
  const events = ages.map((age) => ({
    timestamp: now - age * MINUTE,
    message: JSON.stringify({ level: 'ERROR', message: `error ${age}` }),
  }));
  events.sort((a, b) => a.timestamp - b.timestamp);
  const send = async ({ input }: { input: Input }) => {
    inputs.push({ ...input });
    const { startTime, endTime = now, nextToken = '0' } = input;
    const found = events.filter(({ timestamp }) => timestamp >= startTime && timestamp <= endTime);
    const end = Number(nextToken) + pageSize;
    return {
      events: found.slice(Number(nextToken), end),
      nextToken: end < found.length ? String(end) : undefined,
    };
  };
  const client = Object.assign(new CloudWatchLogsClient({ region: 'eu-west-1' }), { send });
  const messages = async () =>
    (await recentErrors(client, 'group', { now, limit: 3 })).map(({ message }) => message);
  return { messages, inputs };
}

describe('the last errors of a log', () => {
  it('are the newest of all pages, and nothing older is read', async () => {
    const { messages, inputs } = logWith([5, 1, 4, 2, 3, 120]);
    expect(await messages()).toEqual(['error 1', 'error 2', 'error 3']);
    expect(inputs.every(({ startTime }) => startTime === now - 60 * MINUTE)).toBe(true);
  });

  it('are searched for in the past week, each hour once', async () => {
    const { messages, inputs } = logWith([1, 60, 3000, 20_000]);
    expect(await messages()).toEqual(['error 1', 'error 60', 'error 3000']);
    const spans = inputs.map(({ startTime, endTime }) => [startTime, endTime]);
    expect(spans).toEqual([
      [now - 60 * MINUTE, undefined],
      [now - DAY, now - 60 * MINUTE - 1],
      [now - 7 * DAY, now - DAY - 1],
    ]);
  });
});

describe('a line of a log', () => {
  const line = (message: unknown, level = 'ERROR') => JSON.stringify({ level, message });
  it.each([
    [line('plain'), 'plain'],
    [line('a note about ERROR', 'INFO'), undefined],
    [line({ event: 'x' }, 'WARN'), undefined],
    [line('2027-03-01T12:00:00Z id Task timed out after 3.00 seconds', 'INFO'), /Task timed out/],
    ['Task timed out after 3.00 seconds', /Task timed out/],
    [
      line({ event: 'call.refused', method: 'sendMessage' }),
      'call.refused {"method":"sendMessage"}',
    ],
    [
      line({
        event: 'update.failed',
        errorType: 'TypeError',
        errorMessage: 'x is not a function',
        stackTrace: [
          'TypeError: x is not a function',
          '    at node:internal/x:1:1',
          '    at onUpdate (functions/bot.ts:12:5)',
        ],
      }),
      'TypeError: x is not a function (at onUpdate (functions/bot.ts:12:5))',
    ],
    [line({ errorMessage: 'exit status 1' }, 'FATAL'), 'Error: exit status 1'],
  ])('%s is the error %s', (text, error) => {
    if (error instanceof RegExp) expect(loggedErrorIn(text)).toMatch(error);
    else expect(loggedErrorIn(text)).toBe(error);
  });
});
