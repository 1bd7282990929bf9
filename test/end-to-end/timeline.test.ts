import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Delivery } from '../../infra/settings/delivery.ts';
import { secretName } from '../fixtures.ts';
import {
  type Bot,
  type InvocationEntry,
  isRegistrar,
  Sandbox,
  Timeline,
  type TimelineEntry,
  type UpdateEntry,
  type UpdateStatus,
} from '../sandbox/index.ts';
import { kitStack } from './app.ts';
import { leaksIn } from './no-secret.ts';
import { addBot } from './test-bed.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const entry = 'test/bots/does-as-told.ts';
const MEETING = 'meeting.execute-api.us-east-1.amazonaws.com';

/** A deployed bot, and the timeline of what happens to it. */
class Run {
  readonly sandbox: Sandbox;
  readonly bot: Bot;
  readonly timeline: Timeline;
  /** Every value that an entry has had. */
  readonly history: TimelineEntry[] = [];

  static async start(delivery: Delivery): Promise<Run> {
    const sandbox = await Sandbox.start({ speed: 10, skipsWaits: isRegistrar });
    const run = new Run(sandbox);
    const state = await sandbox.cloudFormation.deploy(kitStack({ entry, delivery }));
    expect(state.status, state.reason).toBe('CREATE_COMPLETE');
    return run;
  }

  private constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
    this.bot = addBot(sandbox, { username: 'kit_bot', secret: secretName }).bot;
    this.timeline = Timeline.of(sandbox, { root });
    this.timeline.changed.listen((changed) => this.history.push(changed));
  }

  send(text: string, chat = 42): void {
    this.sandbox.telegram.chat(this.bot.id, { id: chat, firstName: `Ada ${chat}` }).send(text);
  }

  /** Resolves with the update of a message as soon as it is what the test waits for. */
  async until(text: string, isIt: (found: UpdateEntry) => unknown): Promise<UpdateEntry> {
    const matches = (found: TimelineEntry): found is UpdateEntry =>
      found.kind === 'update' && found.update.message?.text === text && Boolean(isIt(found));
    const known = this.timeline.entries.find(matches);
    if (known) return known;
    return new Promise((resolve) => {
      const stop = this.timeline.changed.listen((changed) => {
        if (!matches(changed)) return;
        stop();
        resolve(changed);
      });
    });
  }

  reaches(text: string, status: UpdateStatus): Promise<UpdateEntry> {
    return this.until(text, (found) => found.status === status);
  }

  async sends(text: string, status: UpdateStatus = 'handled'): Promise<UpdateEntry> {
    this.send(text);
    return this.reaches(text, status);
  }

  /** Returns the invocations without an update, of functions whose path ends like this. */
  alone(path: RegExp): InvocationEntry[] {
    return this.timeline.entries.filter(
      (one): one is InvocationEntry =>
        one.kind === 'invocation' && path.test(one.invocation.function),
    );
  }

  /** Lets two requests of functions wait for each other. */
  serveMeeting(): () => void {
    const waiting: ServerResponse[] = [];
    return this.sandbox.network.serve(MEETING, (_request, response) => {
      waiting.push(response);
      if (waiting.length === 2) for (const one of waiting) one.end();
    });
  }

  expectNoSecret(): void {
    const { url = '', secretToken = '' } = this.sandbox.telegram.webhook(this.bot.id) ?? {};
    const path = url.slice(url.lastIndexOf('/') + 1);
    expect(Math.min(path.length, secretToken.length)).toBeGreaterThan(16);
    const secrets = [this.bot.token, this.bot.token.split(':')[1] ?? '', path, secretToken];
    const texts = [...this.history, ...this.timeline.entries].map((one) => JSON.stringify(one));
    expect(leaksIn(texts, secrets)).toBe(0);
  }
}

const sent = { method: 'sendMessage', answer: { ok: true } };

/** The way of an update that its bot has answered with a call of its own. */
const called = (text: string) => ({
  log: [{ text: `calls for ${text}`, isError: false }],
  calls: [{ ...sent, via: 'token', parameters: { chat_id: 42, text: `did ${text}` } }],
});

describe('direct delivery', () => {
  let run: Run;
  beforeAll(async () => {
    run = await Run.start(Delivery.direct());
  });
  afterAll(() => run.sandbox.close());

  it('shows the registrar and the cold start of the deploy, which belong to no update', () => {
    const [registrar] = run
      .alone(/Registrar/)
      .filter(({ invocation }) => invocation.calls.some(({ method }) => method === 'setWebhook'));
    expect(registrar?.botId).toBe(run.bot.id);
    const call = registrar?.invocation.calls.find(({ method }) => method === 'setWebhook');
    expect(call).toMatchObject({
      parameters: {
        url: expect.stringMatching(/amazonaws\.com\/<webhook path>$/),
        secret_token: '<secret>',
      },
      answer: { ok: true, result: true },
    });
    const [probe] = run.alone(/Receiver$/);
    expect(probe).toMatchObject({
      botId: run.bot.id,
      invocation: { coldStartMs: expect.any(Number), memoryMb: expect.any(Number), log: [] },
    });
  });

  it('shows a reply as a call of the update, and the warm invocation without a cold start', async () => {
    const shown = await run.sends('reply one');
    expect(shown).toMatchObject({
      origin: 'person',
      deliveries: [{ status: 200, durationMs: expect.any(Number) }],
      invocations: [{ function: expect.stringMatching(/Receiver$/), calls: [], log: [] }],
      calls: [
        { ...sent, via: 'webhook reply', parameters: { chat_id: 42, text: 'did reply one' } },
      ],
    });
    const [invocation] = shown.invocations;
    expect(invocation).not.toHaveProperty('coldStartMs');
    expect(shown).not.toHaveProperty('queue');
    if (process.platform === 'linux') expect(invocation?.usedMb).toBeGreaterThan(10);
  });

  it('shows a call with the token, and what was logged, at the invocation', async () => {
    const shown = await run.sends('call');
    expect(shown).toMatchObject({ invocations: [called('call')], calls: [] });
  });

  it('shows the error with its source, what waits behind it, and the drop', async () => {
    run.send('throw');
    const { update, nextAttemptAt, ...failing } = await run.until(
      'throw',
      (found) => found.status === 'failing' && found.nextAttemptAt !== undefined,
    );
    expect(nextAttemptAt).toBeGreaterThan(failing.at);
    expect(failing.deliveries[0]).toMatchObject({
      status: 500,
      problem: 'Wrong response from the webhook: 500 Internal Server Error',
    });
    const { error } = failing.invocations[0] ?? {};
    expect(error).toMatchObject({
      type: 'TypeError',
      message: 'told to throw',
      source: { file: entry },
    });
    const { line, lines = [] } = error?.source ?? {};
    expect(lines).toHaveLength(7);
    expect(lines.find(({ number }) => number === line)?.text).toContain(
      "new TypeError('told to throw')",
    );

    run.send('reply behind');
    const behind = await run.until('reply behind', (found) => found.behind !== undefined);
    expect(behind).toMatchObject({ status: 'waiting', behind: update.update_id, deliveries: [] });
    run.sandbox.telegram.drop(run.bot.id, update.update_id);
    expect(await run.reaches('reply behind', 'handled')).not.toHaveProperty('behind');
    expect(await run.reaches('throw', 'dropped')).not.toHaveProperty('nextAttemptAt');
  });

  it('shows an attempt that has failed, and the one that succeeds', async () => {
    const shown = await run.sends('retry');
    expect(shown.deliveries.map(({ status }) => status)).toEqual([500, 200]);
    expect(shown.invocations.map(({ error }) => error?.message)).toEqual([
      'told to fail once',
      undefined,
    ]);
  });

  it('attributes the calls of two chats at the same time to their own update', async () => {
    const stop = run.serveMeeting();
    for (const chat of [1, 2]) run.send(`meet ${chat}`, chat);
    for (const chat of [1, 2]) {
      const { invocations, calls } = await run.reaches(`meet ${chat}`, 'handled');
      expect(calls).toEqual([]);
      expect(invocations.map((one) => one.calls.map(({ parameters }) => parameters.text))).toEqual([
        [`did meet ${chat}`],
      ]);
    }
    stop();
  });

  it('shows which answers a person has asked for', async () => {
    const { nextFaults } = run.sandbox.telegram;
    nextFaults.add(run.bot.id, 'sendMessage', 403);
    const replied = await run.sends('reply refused');
    expect(replied.calls).toMatchObject([
      { isInjected: true, answer: { ok: false, error_code: 403 } },
    ]);
    nextFaults.add(run.bot.id, 'sendmessage', 429);
    const tried = await run.sends('call refused');
    expect(tried.invocations[0]?.calls[0]).toMatchObject({
      isInjected: true,
      answer: {
        error_code: 429,
        description: 'Too Many Requests: retry after 5',
        parameters: { retry_after: 5 },
      },
    });
    expect(nextFaults.list(run.bot.id)).toEqual([]);
  });

  it('marks where an update comes from', async () => {
    const { update } = await run.sends('reply again');
    const { update_id, ...rest } = update;
    const id = Number(run.sandbox.telegram.deliver(run.bot.id, rest as never));
    run.timeline.markOrigin(run.bot.id, id, 'sent again');
    const again = await run.until('reply again', (found) => found.origin === 'sent again');
    expect(again.update.update_id).toBe(id);
  });

  it('holds no token, no path and no secret of a webhook, whatever the bot says', async () => {
    run.send('leak');
    const shown = await run.until('leak', (found) => found.invocations[0]?.error !== undefined);
    expect(JSON.stringify(shown)).toContain('My token is <token>');
    expect(JSON.stringify(shown)).toContain('<secret>');
    run.expectNoSecret();
  });
});

describe('queued delivery', () => {
  let run: Run;
  beforeAll(async () => {
    run = await Run.start(Delivery.queued({ maxAttempts: 2, batchSize: 10 }));
  });
  afterAll(() => run.sandbox.close());

  it('shows the ingress, the queue and the bot', async () => {
    const shown = await run.sends('call');
    expect(shown).toMatchObject({
      deliveries: [{ status: 200 }],
      invocations: [
        { function: expect.stringMatching(/Endpoint\/Receiver$/), calls: [] },
        called('call'),
      ],
      calls: [],
      queue: {
        attempts: 1,
        maxAttempts: 2,
        enqueuedAt: expect.any(Number),
        deletedAt: expect.any(Number),
      },
    });
    expect(shown.queue).not.toHaveProperty('deadLetterAt');
  });

  it('shows a retry of the queue, and until when it waits', async () => {
    const failing = await run.sends('retry', 'failing');
    expect(failing.nextAttemptAt).toBeGreaterThan(failing.at);
    const { queue, invocations } = await run.reaches('retry', 'handled');
    expect(queue?.attempts).toBe(2);
    expect(invocations.slice(1).map(({ error }) => error?.message)).toEqual([
      'told to fail once',
      undefined,
    ]);
  });

  it('shows a dead letter, and that it was redriven', async () => {
    const dead = await run.sends('throw', 'dead letter');
    expect(dead.queue).toMatchObject({ attempts: 2, deadLetterAt: expect.any(Number) });
    const [source] = run.sandbox.aws.lambda
      .configurations()
      .flatMap(({ environment }) => environment.UPDATE_QUEUE_URL ?? []);
    const { redrive } = run.sandbox.aws.sqs.queue(String(source)).configuration;
    const arn = `arn:aws:sqs:us-east-1:123456789012:${redrive?.deadLetters.configuration.name}`;
    run.sandbox.aws.sqs.redrive(arn);
    const redriven = await run.until('throw', (found) => found.status !== 'dead letter');
    expect(redriven.queue).not.toHaveProperty('deadLetterAt');
    const again = await run.until('throw', (found) => found.invocations.length === 5);
    expect(again.queue?.attempts).toBe(2);
  });

  it('shows what waits in the queue, and a batch at each update with only its own error', async () => {
    const stop = run.serveMeeting();
    run.send('meet held', 7);
    const held = await run.until('meet held', (found) => found.invocations.length === 2);
    run.send('reply first', 7);
    run.send('throw second', 7);
    for (const text of ['reply first', 'throw second']) {
      const waiting = await run.until(text, (found) => found.queue && found.status === 'waiting');
      expect(waiting.behind).toBe(held.update.update_id);
    }
    run.send('meet other', 8);
    const first = await run.reaches('reply first', 'handled');
    const second = await run.until('throw second', (found) => found.invocations.length > 1);
    const [ofFirst, ofSecond] = [first.invocations[1], second.invocations[1]];
    expect(ofFirst?.requestId).toBe(ofSecond?.requestId);
    expect(ofFirst).toMatchObject({ batchSize: 2 });
    expect(ofFirst).not.toHaveProperty('error');
    const failed = await run.until('throw second', ({ invocations }) => !!invocations[1]?.error);
    expect(failed.invocations[1]).toMatchObject({ error: { type: 'TypeError' } });
    stop();
  });

  it('attributes the calls of two chats at the same time to their own update', async () => {
    const stop = run.serveMeeting();
    for (const chat of [1, 2]) run.send(`meet ${chat}`, chat);
    for (const chat of [1, 2]) {
      const { invocations } = await run.reaches(`meet ${chat}`, 'handled');
      expect(invocations[1]?.calls.map(({ parameters }) => parameters.text)).toEqual([
        `did meet ${chat}`,
      ]);
    }
    stop();
  });

  it('holds no token, no path and no secret of a webhook, whatever the bot says', async () => {
    run.send('leak', 9);
    await run.until('leak', ({ invocations }) => invocations[1]?.error !== undefined);
    run.expectNoSecret();
  });
});
