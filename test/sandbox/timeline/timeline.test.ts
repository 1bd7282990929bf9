import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BatchReport } from '../aws/event-sources/event-source-mapping.ts';
import type { FunctionConfiguration, InvocationEvent } from '../aws/lambda/lambda.ts';
import { FifoQueue, type QueueEvent } from '../aws/sqs/fifo-queue.ts';
import { settle } from '../clock.ts';
import { MAX_ENTRIES } from '../page/protocol.ts';
import { Signal } from '../signal.ts';
import { fakeToken } from '../telegram/fake-token.ts';
import { type Arrival, DeliveryStage, messageIn } from '../telegram/fixtures.ts';
import type { TimelineEntry, UpdateEntry } from './entries.ts';
import { Timeline } from './timeline.ts';

const QUEUE_URL = 'https://sqs.us-east-1.amazonaws.com/123456789012/Updates.fifo';

/** Functions whose invocations the test plays. */
class Services {
  readonly invocations = new Signal<InvocationEvent>();
  readonly happened = new Signal<QueueEvent & { readonly queueUrl: string }>();
  readonly handled = new Signal<BatchReport>();
  readonly deployed: FunctionConfiguration[] = [];
  private started = 0;

  get aws() {
    const { invocations, happened, handled, deployed } = this;
    return {
      lambda: { invocations, configurations: () => deployed },
      secrets: { valueOf: (id: string) => fakeToken(Number(id)) },
      sqs: { happened },
      eventSources: { handled },
    } as never;
  }

  deploy(name: string, environment: Record<string, string> = {}): FunctionConfiguration {
    const configuration = { name, environment, memorySize: 256 } as FunctionConfiguration;
    this.deployed.push(configuration);
    return configuration;
  }

  start(configuration: FunctionConfiguration, event: unknown, networkPort = 1): string {
    const requestId = `request ${++this.started}`;
    const at = Date.UTC(2026, 0, 1);
    const json = JSON.stringify(event);
    const started = { kind: 'started', requestId, configuration, at, networkPort } as const;
    this.invocations.emit({ ...started, event: json });
    return requestId;
  }

  end(requestId: string, outcome: object = {}): void {
    const ended = { payload: 'null', durationMs: 1, ...outcome };
    this.invocations.emit({ kind: 'ended', requestId, outcome: ended });
  }
}

let stage: DeliveryStage;
let services: Services;
let timeline: Timeline;
let receiver: FunctionConfiguration;

beforeEach(async () => {
  stage = await DeliveryStage.open();
  await stage.setWebhook();
  services = new Services();
  receiver = services.deploy('receiver', { BOT_TOKEN_SECRET: String(stage.bot.id) });
  timeline = Timeline.of({ clock: stage.clock, telegram: stage.telegram, aws: services.aws });
});

afterEach(async () => {
  timeline.close();
  await stage.close();
});

const updates = () =>
  timeline.entries.filter((entry): entry is UpdateEntry => entry.kind === 'update');
const statuses = () => updates().map(({ status }) => status);
const requestOf = ({ update }: Arrival) => ({ body: JSON.stringify(update) });

describe('an update', () => {
  it('waits, runs, fails, and is handled', async () => {
    stage.deliver(messageIn(1, 'a'));
    expect(statuses()).toEqual(['running']);
    (await stage.network.next()).answer(500);
    const again = await stage.network.next();
    again.answer(503);
    await settle();
    expect(updates()).toMatchObject([
      { status: 'failing', nextAttemptAt: stage.clock.now() + 2000 },
    ]);
    await stage.clock.advance(2000);
    (await stage.network.next()).answer(200);
    await settle();
    const [entry] = updates();
    expect(entry?.deliveries.map(({ status }) => status)).toEqual([500, 503, 200]);
    expect(entry).toMatchObject({ status: 'handled' });
    expect(entry).not.toHaveProperty('nextAttemptAt');
  });

  it('waits behind another one of its chat, and is handled when that is dropped', async () => {
    const first = stage.deliver(messageIn(1, 'a'));
    stage.deliver(messageIn(1, 'b'));
    expect(updates()).toMatchObject([
      { status: 'running' },
      { status: 'waiting', behind: first, deliveries: [] },
    ]);
    (await stage.network.next()).answer(500);
    (await stage.network.next()).answer(500);
    await settle();
    stage.telegram.drop(stage.bot.id, Number(first));
    (await stage.network.next()).answer(200);
    await settle();
    expect(statuses()).toEqual(['dropped', 'handled']);
    expect(updates()[1]).not.toHaveProperty('behind');
  });

  it('has an attempt that ends without a response when the webhook changes', async () => {
    stage.deliver(messageIn(1, 'a'));
    await stage.setWebhook({ url: 'https://elsewhere.example.com/other' });
    await settle();
    expect(updates()).toMatchObject([
      {
        status: 'running',
        deliveries: [
          { durationMs: 1000, problem: 'Aborted: the webhook has changed' },
          { at: stage.clock.now() },
        ],
      },
    ]);
  });

  it('is dropped when its bot drops what is pending', async () => {
    stage.network.automatic = ({ answer }) => answer(500);
    stage.deliver(messageIn(1, 'a'));
    await settle();
    await stage.setWebhook({ drop_pending_updates: 'true', url: 'https://other.example.com/x' });
    expect(statuses()).toEqual(['dropped']);
  });

  it('shows the call in the reply', async () => {
    stage.deliver(messageIn(1, 'a'));
    (await stage.network.next()).answer(200, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ method: 'sendMessage', chat_id: 1, text: '' }),
    });
    await settle();
    expect(updates()).toMatchObject([
      {
        status: 'handled',
        calls: [{ method: 'sendMessage', via: 'webhook reply', answer: { ok: false } }],
      },
    ]);
  });
});

describe('an invocation', () => {
  it('belongs to the update in its request, with what it logs', async () => {
    stage.deliver(messageIn(1, 'a'));
    const id = services.start(receiver, requestOf(await stage.network.next()));
    services.invocations.emit({ kind: 'logged', requestId: id, line: 'hello' });
    services.end(id, { coldStartMs: 120, usedMb: 70 });
    services.invocations.emit({ kind: 'logged', requestId: id, line: 'afterwards' });
    expect(updates()[0]?.invocations).toMatchObject([
      {
        ...{ requestId: id, function: 'receiver', memoryMb: 256, coldStartMs: 120, usedMb: 70 },
        log: [{ text: 'hello', isError: false }, { text: 'afterwards' }],
      },
    ]);
    expect(timeline.entries).toHaveLength(1);
  });

  it('belongs to the update of its own bot, if another bot has one with the same id', async () => {
    const [id] = [stage.deliver(messageIn(1, 'a'))];
    const news = services.deploy('news', { BOT_TOKEN_SECRET: '7000000002' });
    services.start(news, { body: JSON.stringify({ update_id: id }) });
    expect(updates()[0]?.invocations).toEqual([]);
    expect(timeline.entries[1]).toMatchObject({ kind: 'invocation', botId: 7_000_000_002 });
  });

  it('stands alone without an update, and learns its bot from the calls of its process', async () => {
    const registrar = services.deploy('registrar');
    const id = services.start(registrar, { RequestType: 'Create' }, 5);
    const { bot, telegram } = stage;
    const call = {
      botId: bot.id,
      method: 'getMe',
      via: 'http',
      parameters: { texts: [], files: [] },
    };
    telegram.called.emit({ call: call as never, port: 4 });
    telegram.called.emit({ call: call as never, port: 5 });
    services.end(id);
    expect(timeline.entries).toMatchObject([
      { kind: 'invocation', botId: bot.id, invocation: { calls: [{ method: 'getMe' }] } },
    ]);
  });

  it('shows why the function has failed', () => {
    const id = services.start(receiver, {});
    const payload = JSON.stringify({ errorType: 'Sandbox.Timedout', errorMessage: 'too late' });
    services.end(id, { functionError: 'Unhandled', payload });
    expect(timeline.entries).toMatchObject([
      { invocation: { error: { type: 'Sandbox.Timedout', message: 'too late' } } },
    ]);
  });

  it('accepts events of any kind', () => {
    for (const event of [null, 'text', 1, { Records: [null, {}] }, { body: 'no JSON' }, []]) {
      services.start(receiver, event);
    }
    expect(timeline.entries).toHaveLength(6);
  });
});

describe('an update in a queue', () => {
  let queue: FifoQueue;
  let deadLetters: FifoQueue;

  beforeEach(() => {
    const settings = {
      ...{ visibilityTimeout: 30, retention: 3600 },
      deduplicationScope: 'messageGroup',
    } as const;
    deadLetters = new FifoQueue({ ...settings, name: 'DeadLetters.fifo' }, stage.clock);
    const redrive = { deadLetters, maxReceiveCount: 2 };
    queue = new FifoQueue({ ...settings, name: 'Updates.fifo', redrive }, stage.clock);
    for (const one of [queue, deadLetters]) {
      one.happened.listen((event) => services.happened.emit({ ...event, queueUrl: QUEUE_URL }));
    }
    receiver = services.deploy('bot', {
      BOT_TOKEN_SECRET: String(stage.bot.id),
      UPDATE_QUEUE_URL: QUEUE_URL,
    });
    stage.network.automatic = ({ update, answer }) => {
      const id = String(update.update_id);
      queue.send({ body: JSON.stringify(update), group: '1', deduplicationId: id });
      answer(200);
    };
  });

  /** Handles a batch of one, as a mapping does that tells at the end which messages have failed. */
  function handle(succeeds: boolean): void {
    const batch = queue.receive({ max: 1 });
    for (const { receiptHandle } of batch) if (succeeds) queue.delete(receiptHandle);
    const failedIds = new Set(succeeds ? [] : batch.map(({ id }) => id));
    const report = { messages: 1, failed: failedIds.size, queueArn: 'arn', batch, failedIds };
    services.handled.emit(report);
  }

  it('waits in its group, fails, and becomes a dead letter that can be redriven', async () => {
    const id = stage.deliver(messageIn(1, 'a'));
    stage.deliver(messageIn(1, 'b'));
    await settle();
    expect(updates()).toMatchObject([
      { status: 'waiting', queue: { attempts: 0, maxAttempts: 2 } },
      { status: 'waiting', behind: id },
    ]);
    handle(false);
    expect(updates()).toMatchObject([
      { status: 'failing', nextAttemptAt: stage.clock.now() + 30_000, queue: { attempts: 1 } },
      { status: 'waiting', behind: id },
    ]);
    await stage.clock.advance(30_000);
    handle(false);
    await stage.clock.advance(30_000);
    handle(true);
    expect(updates()).toMatchObject([
      { status: 'dead letter', queue: { attempts: 2, deadLetterAt: stage.clock.now() } },
      { status: 'handled', queue: { deletedAt: stage.clock.now() } },
    ]);
    expect(updates()[0]).not.toHaveProperty('nextAttemptAt');

    deadLetters.moveTo(queue);
    expect(updates()[0]).toMatchObject({ status: 'waiting', queue: { attempts: 0 } });
    expect(updates()[0]?.queue).not.toHaveProperty('deadLetterAt');
    handle(true);
    expect(statuses()).toEqual(['handled', 'handled']);
  });

  it('is dropped when a person deletes it, or the whole queue', async () => {
    stage.deliver(messageIn(1, 'a'));
    stage.deliver(messageIn(1, 'b'));
    await settle();
    handle(false);
    const [message] = queue.messages();
    queue.delete(String(message?.receiptHandle));
    expect(statuses()).toEqual(['dropped', 'waiting']);
    queue.purge();
    expect(statuses()).toEqual(['dropped', 'dropped']);
  });

  it('runs again when it was received before the report of its failure', async () => {
    stage.deliver(messageIn(1, 'a'));
    await settle();
    const batch = queue.receive({ max: 1 });
    queue.changeVisibility(String(batch[0]?.receiptHandle), 0);
    queue.receive({ max: 1 });
    const failedIds = new Set(batch.map(({ id }) => id));
    services.handled.emit({ messages: 1, failed: 1, queueArn: 'arn', batch, failedIds });
    expect(updates()).toMatchObject([{ status: 'running', queue: { attempts: 2 } }]);
  });

  it('shares the invocation of its batch, and waits behind the one that has failed', async () => {
    const first = stage.deliver(messageIn(1, 'a'));
    stage.deliver(messageIn(1, 'b'));
    await settle();
    const batch = queue.receive({ max: 10 });
    const Records = batch.map(({ id }) => ({ messageId: id }));
    const requestId = services.start(receiver, { Records });
    expect(updates().map(({ invocations }) => invocations)).toMatchObject([
      [{ requestId, batchSize: 2 }],
      [{ requestId, batchSize: 2 }],
    ]);
    const failedIds = new Set(batch.map(({ id }) => id));
    services.handled.emit({ messages: 2, failed: 2, queueArn: 'arn', batch, failedIds });
    expect(updates()).toMatchObject([
      { status: 'failing', nextAttemptAt: stage.clock.now() + 30_000 },
      { status: 'waiting', behind: first },
    ]);
  });
});

describe('the timeline', () => {
  it('tells what has changed once the current work is over, each entry once', async () => {
    const told: TimelineEntry[] = [];
    timeline.changed.listen((entry) => told.push(entry));
    stage.deliver(messageIn(1, 'a'));
    expect(told).toEqual([]);
    await settle();
    expect(told).toMatchObject([{ status: 'running' }]);
    const [before] = told;
    (await stage.network.next()).answer(200);
    await settle();
    expect(told).toHaveLength(2);
    expect(before).toMatchObject({ status: 'running' });
    expect(told[1]?.key).toBe(before?.key);
  });

  it('keeps the latest entries only, and does not bring an old one back', async () => {
    stage.network.automatic = () => {};
    const first = stage.deliver(messageIn(0, 'first'));
    const id = services.start(receiver, { body: JSON.stringify({ update_id: first }) });
    for (let chat = 1; chat <= MAX_ENTRIES; chat++) stage.deliver(messageIn(chat, 'more'));
    expect(timeline.entries).toHaveLength(MAX_ENTRIES);
    services.end(id);
    expect(timeline.entries).toHaveLength(MAX_ENTRIES);
    expect(updates().some(({ update }) => update.update_id === first)).toBe(false);
  });

  it('shows the first error of an update at its invocation', () => {
    const error = (message: string, updateId?: number) => ({
      level: 'ERROR',
      message: { errorType: 'Error', errorMessage: message, updateId },
    });
    const id = stage.deliver(messageIn(1, 'a'));
    const requestId = services.start(receiver, { body: JSON.stringify({ update_id: id }) });
    const lines = [error('of another', 5), error('first', id), error('second', id)];
    for (const line of lines) {
      services.invocations.emit({ kind: 'logged', requestId, line: JSON.stringify(line) });
    }
    expect(updates()[0]?.invocations[0]?.error).toEqual({ type: 'Error', message: 'first' });
  });

  it('knows the origin of an update, and ends', async () => {
    stage.network.automatic = ({ answer }) => answer(200);
    const id = Number(stage.deliver(messageIn(1, 'a')));
    timeline.markOrigin(stage.bot.id, id, 'replayed');
    timeline.markOrigin(stage.bot.id, id + 1, 'replayed');
    expect(updates()).toMatchObject([{ origin: 'replayed' }]);
    timeline.close();
    stage.deliver(messageIn(1, 'b'));
    await settle();
    expect(updates()).toHaveLength(1);
  });
});
