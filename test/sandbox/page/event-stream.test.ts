import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ManualClock } from '../clock.ts';
import { EventStream } from './event-stream.ts';
import { EventReader } from './fixtures.ts';

const clock = new ManualClock();
const server = createServer((_, response) =>
  stream.add(response, { type: 'notice', text: 'first' }),
);
const readers: EventReader[] = [];
let stream: EventStream;
let url: string;

beforeEach(async () => {
  stream = new EventStream(clock, { maxBacklog: 1_000_000 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterEach(async () => {
  for (const reader of readers) reader.close();
  stream.close();
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
});

async function connect(): Promise<EventReader> {
  const reader = await EventReader.connect(url);
  readers.push(reader);
  return reader;
}

it('begins with one event, and then sends every event to every page', async () => {
  const pages = [await connect(), await connect()];
  stream.send({ type: 'notice', text: 'two\nlines' });
  for (const page of pages) {
    expect(page.type).toBe('text/event-stream');
    expect((await page.next('notice')).text).toBe('first');
    expect((await page.next('notice')).text).toBe('two\nlines');
  }
});

it('shows every 15 seconds that it is there', async () => {
  const page = await connect();
  await clock.advance(14_999);
  stream.send({ type: 'notice', text: 'before' });
  await page.next('notice', ({ text }) => text === 'before');
  expect(page.comments).toEqual([]);
  await clock.advance(1);
  stream.send({ type: 'notice', text: 'after' });
  await page.next('notice', ({ text }) => text === 'after');
  expect(page.comments).toEqual([':']);
});

it('disconnects a page that does not read, and not the others', async () => {
  const slow = await connect();
  slow.pause();
  const page = await connect();
  for (let event = 0; stream.size === 2; event++) {
    stream.send({ type: 'notice', text: `${event} `.padEnd(200_000, 'x') });
    await page.next('notice', ({ text }) => text.startsWith(`${event} `));
  }
  stream.send({ type: 'notice', text: 'still there' });
  await page.next('notice', ({ text }) => text === 'still there');
  expect(stream.size).toBe(1);
});

it('forgets a page that has gone, and disconnects all at its end', async () => {
  const [gone, page] = [await connect(), await connect()];
  gone.close();
  await expect.poll(() => stream.size).toBe(1);
  stream.close();
  await page.ended;
});
