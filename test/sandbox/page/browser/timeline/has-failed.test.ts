import { expect, it } from 'vitest';
import type { Call, Invocation, TimelineEntry, UpdateEntry } from '../../../timeline/entries.ts';
import { hasFailed } from './has-failed.ts';

const good: UpdateEntry = {
  kind: 'update',
  key: 'a',
  botId: 1,
  at: 0,
  update: { update_id: 1 },
  origin: 'person',
  status: 'handled',
  deliveries: [{ at: 0, durationMs: 1, status: 200 }],
  invocations: [],
  calls: [],
};
const refused: Call = {
  key: 'c',
  at: 0,
  method: 'sendMessage',
  via: 'token',
  parameters: {},
  answer: { ok: false, error_code: 400, description: 'Bad Request' },
};
const invocation: Invocation = {
  requestId: 'r',
  function: 'Bot',
  at: 0,
  memoryMb: 128,
  log: [],
  calls: [],
};
const error = { type: 'Error', message: 'boom' };
const aside = (change: Partial<Invocation>): TimelineEntry => ({
  kind: 'invocation',
  key: 'i',
  at: 0,
  invocation: { ...invocation, ...change },
});

it.each<TimelineEntry>([
  { ...good, status: 'failing' },
  { ...good, status: 'dropped' },
  { ...good, status: 'dead letter' },
  { ...good, deliveries: [{ at: 0, problem: '500' }, ...good.deliveries] },
  { ...good, invocations: [{ ...invocation, error }] },
  { ...good, invocations: [{ ...invocation, calls: [refused] }] },
  { ...good, calls: [refused] },
  aside({ error }),
  aside({ calls: [refused] }),
])('finds the failure in entry %#', (entry) => {
  expect(hasFailed(entry)).toBe(true);
});

it.each<TimelineEntry>([
  good,
  { ...good, status: 'waiting', deliveries: [] },
  { ...good, status: 'running', calls: [{ ...refused, answer: undefined }] },
  { ...good, calls: [{ ...refused, answer: { ok: true, result: true } }] },
  aside({}),
])('finds none in entry %#', (entry) => {
  expect(hasFailed(entry)).toBe(false);
});
