import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { TestAws } from '../fixtures.ts';
import type { InvocationEvent } from './revision.ts';

let test: TestAws;
const events: InvocationEvent[] = [];

beforeAll(async () => {
  test = await TestAws.start();
  test.aws.lambda.invocations.listen((event) => events.push(event));
});

beforeEach(() => {
  events.length = 0;
});

afterAll(() => test.close());

const ends = () => events.flatMap((event) => (event.kind === 'ended' ? [event.outcome] : []));

it('is reported from its start to its end, with its lines and the event', async () => {
  test.deploy('told', "export const handler = async () => console.log('hello');", {
    memorySize: 512,
  });
  await test.invoke('told', { key: 1 });
  expect(events).toMatchObject([
    { kind: 'started', event: '{"key":1}', configuration: { name: 'told', memorySize: 512 } },
    { kind: 'logged', line: expect.stringMatching(/hello$/) },
    { kind: 'ended', outcome: { payload: 'null' } },
  ]);
  const [first] = events;
  expect(first?.requestId).toMatch(/^[0-9a-f-]{36}$/);
  expect(new Set(events.map(({ requestId }) => requestId)).size).toBe(1);
});

it('has a cold start only in a new process, and the peak of its memory on Linux', async () => {
  test.deploy(
    'grows',
    'export const handler = async ({ mb }) => Buffer.alloc(mb << 20, 1).length;',
  );
  for (const mb of [1, 200]) await test.invoke('grows', { mb });
  const [cold, warm] = ends();
  expect(cold?.coldStartMs).toBeGreaterThan(0);
  expect(warm?.coldStartMs).toBeUndefined();
  if (process.platform !== 'linux') return;
  expect(Number(warm?.usedMb) - Number(cold?.usedMb)).toBeGreaterThan(100);
});

it('has both for a timeout and for code that cannot be loaded', async () => {
  test.deploy(
    'hangs',
    'export const handler = () => new Promise((resolve) => setTimeout(resolve, 1e6));',
    {
      timeout: 1,
    },
  );
  test.deploy('broken', "throw new Error('no');");
  for (const name of ['hangs', 'broken']) await test.invoke(name);
  expect(ends()).toMatchObject([
    { functionError: 'Unhandled', coldStartMs: expect.any(Number) },
    { failedToLoad: true, coldStartMs: expect.any(Number) },
  ]);
  if (process.platform === 'linux') expect(ends()[0]?.usedMb).toBeGreaterThan(10);
});

it('has a port of the network that no other process uses', async () => {
  const ports: unknown[] = [];
  const stop = test.network.serve('api.telegram.org', ({ socket }, response) => {
    ports.push(socket.localPort);
    response.end();
  });
  const source =
    "export const handler = async () => (await fetch('https://api.telegram.org')).status;";
  test.deploy('one', source);
  test.deploy('two', source);
  for (const name of ['one', 'two', 'one']) await test.invoke(name);
  const given = events.flatMap((event) => (event.kind === 'started' ? [event.networkPort] : []));
  expect(ports).toEqual(given);
  expect(ports[2]).toBe(ports[0]);
  expect(new Set([...ports, test.network.port]).size).toBe(3);
  stop();
});
