import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { Logs } from '../aws/logs.ts';
import { ManualClock } from '../clock.ts';
import { Signal } from '../signal.ts';
import { tooManyRequests } from '../telegram/bot-api-error.ts';
import { refusal } from '../telegram/faults.ts';
import { type Arrival, DeliveryStage } from '../telegram/fixtures.ts';
import type { BotQueue } from '../terminal/bots.ts';
import { newQueue } from '../terminal/fixtures.ts';
import { CallBridge } from './call-bridge.ts';
import { LiveSession } from './live-session.ts';
import { OtherTelegram } from './other-telegram.ts';
import { RealBotApi } from './real-bot-api.ts';

/** Against hanging alone. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 60_000 });

const ADA = { id: 42, firstName: 'Ada' };
const EVE = { id: 43, firstName: 'Eve' };

/** A live session whose endpoint the test plays, and whose clocks stand still. */
interface LiveStage {
  readonly stage: DeliveryStage;
  /** Of the session alone, so that time passes for it and not for the deliveries. */
  readonly clock: ManualClock;
  readonly real: OtherTelegram;
  readonly queue: BotQueue;
  readonly printed: string[];
  readonly notes: string[];
  readonly running: Promise<boolean>;
  readonly interrupt: () => void;
  /** Returns the next update that is sent to the endpoint. */
  readonly arrival: () => Promise<Arrival>;
}

async function open({ queued = false } = {}): Promise<LiveStage> {
  const stage = await DeliveryStage.open();
  await stage.setWebhook();
  const { bot, telegram, network } = stage;
  const { token } = bot;
  const clock = new ManualClock();
  const real = await OtherTelegram.open({ token, username: 'kit_bot', firstName: 'Kit' });
  const api = new RealBotApi(token, real.root);
  const queue = newQueue(stage);
  const [printed, notes]: [string[], string[]] = [[], []];
  const interruption = new AbortController();
  const say = (text: string) => void notes.push(text);
  const bridge = new CallBridge({ api, clock, say, botId: bot.id, isBotCode: () => true });
  telegram.forwarder = bridge;
  const handled = new Signal<never>();
  const session = new LiveSession({
    ...{ api, bridge },
    sandbox: {
      ...{ telegram, clock },
      aws: { logs: new Logs(), eventSources: { handled, stopReceiving: () => {} } },
    } as never,
    bot: { bot, logGroups: [], ...(queued && { queue }) },
    print: (text) => printed.push(text),
    note: say,
  });
  const running = session.run(interruption.signal);
  running.catch(() => {});
  onTestFinished(async () => {
    interruption.abort();
    await stage.close();
    await real.close();
    await running.catch(() => {});
    session.close();
  });
  return {
    ...{ stage, clock, real, queue, printed, notes, running },
    interrupt: () => interruption.abort(),
    async arrival() {
      await eventually(() => network.arrivals.length).toBeGreaterThan(0);
      return network.arrivals.shift() as Arrival;
    },
  };
}

/** Lets time pass for the session, unless it waits for Telegram, until something has happened. */
async function passTimeUntil(hasHappened: () => boolean): Promise<void> {
  await eventually(async () => {
    if (live.real.telegram.calls.every(({ answer }) => answer)) await live.clock.advance(1000);
    return hasHappened();
  }).toBe(true);
}

const polls = () => live.real.methods().filter((method) => method === 'getUpdates').length;

/** Lets the poller ask again although something is unfinished, and take in what it gets. */
async function recheck(): Promise<void> {
  const before = polls();
  await passTimeUntil(() => polls() > before + 1);
}

function say(to: number, text: string) {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ method: 'sendMessage', chat_id: to, text });
  return { headers, body };
}

let live: LiveStage;
const write = (person: typeof ADA, text: string) => {
  const chat = live.real.telegram.chat(live.real.bot.id, person);
  chat.send(text);
  return chat;
};

describe('an update', () => {
  beforeEach(async () => {
    live = await open();
  });

  it('reaches the webhook with its own id, and is confirmed after the call in the reply', async () => {
    const chat = write(ADA, 'hello');
    const [id] = live.real.unconfirmed();
    const { update, answer } = await live.arrival();
    expect(update).toMatchObject({ update_id: id, message: { text: 'hello' } });
    await recheck();
    expect(live.real.unconfirmed()).toEqual([id]);
    answer(200, say(ADA.id, 'hi'));
    expect((await chat.nextMessage()).text).toBe('hi');
    await eventually(() => live.real.unconfirmed()).toEqual([]);
    expect(live.printed).toEqual(['→ Ada: “hello”', '← sendMessage (webhook reply) ok']);
    expect(live.real.methods().filter((method) => !/getUpdates|sendMessage/.test(method))).toEqual(
      [],
    );
  });

  it('that fails stays unconfirmed, while those of other chats go on and come once', async () => {
    write(ADA, 'broken');
    (await live.arrival()).answer(500);
    const again = await live.arrival();
    write(EVE, 'fine');
    await recheck();
    const other = await live.arrival();
    expect(other.update.message?.text).toBe('fine');
    other.answer(200);
    await recheck();
    expect(live.real.unconfirmed()).toHaveLength(2);
    expect(live.stage.network.arrivals).toEqual([]);
    again.answer(200);
    await eventually(() => live.real.unconfirmed()).toEqual([]);
    expect(live.stage.network.arrivals).toEqual([]);
    expect(live.printed).toContain(
      'Not delivered: Wrong response from the webhook: 500 Internal Server Error. ' +
        'Telegram will deliver the update again at once.',
    );
  });

  it('waits unconfirmed while the call in its reply cannot be made', async () => {
    const chat = write(ADA, 'hello');
    const { answer } = await live.arrival();
    live.real.cut();
    answer(200, say(ADA.id, 'hi'));
    await eventually(() => live.notes.join()).toContain('sendMessage waits:');
    expect(live.real.unconfirmed()).toHaveLength(1);
    live.real.mend();
    const received = chat.nextMessage();
    await passTimeUntil(() => live.real.unconfirmed().length === 0);
    expect((await received).text).toBe('hi');
  });

  it('asks for the types that the webhook asks for', async () => {
    await eventually(() => live.real.methods()).toContain('getUpdates');
    const [call] = live.real.telegram.calls;
    expect(call?.parameters.text('allowed_updates')).toBe('[]');
    await live.stage.setWebhook({ allowed_updates: '["message"]' });
    write(ADA, 'hello');
    (await live.arrival()).answer(200);
    await eventually(() =>
      live.real.telegram.calls.at(-1)?.parameters.text('allowed_updates'),
    ).toBe('["message"]');
  });

  it('of a type that the sandbox does not know is delivered', async () => {
    const adopted = { update_id: 5, brand_new: { id: 1 } } as never;
    live.stage.bot.adopt(adopted);
    expect((await live.arrival()).update).toEqual(adopted);
  });
});

describe('an update behind a queue', () => {
  beforeEach(async () => {
    live = await open({ queued: true });
    live.stage.network.automatic = ({ update, answer }) => {
      const group = String(update.message?.chat.id);
      const deduplicationId = String(update.update_id);
      live.queue.updates.send({ body: JSON.stringify(update), group, deduplicationId });
      answer(200);
    };
  });

  const receive = async () => {
    await eventually(() => live.queue.updates.size).toBeGreaterThan(0);
    const [message] = live.queue.updates.receive({ max: 1, visibilityMs: 3_600_000 });
    return message as NonNullable<typeof message>;
  };

  it('is confirmed when its message is deleted', async () => {
    write(ADA, 'hello');
    const { receiptHandle } = await receive();
    await recheck();
    expect(live.real.unconfirmed()).toHaveLength(1);
    live.queue.updates.delete(receiptHandle);
    await eventually(() => live.real.unconfirmed()).toEqual([]);
  });

  it('is confirmed when it is a dead letter', async () => {
    write(ADA, 'hello');
    for (const _ of [1, 2]) {
      const { receiptHandle } = await receive();
      live.queue.updates.changeVisibility(receiptHandle, 0);
    }
    await recheck();
    expect(live.real.unconfirmed()).toHaveLength(1);
    expect(live.queue.updates.receive({ max: 1 })).toEqual([]);
    expect(live.queue.deadLetters?.queue.size).toBe(1);
    await eventually(() => live.real.unconfirmed()).toEqual([]);
  });
});

describe('Ctrl-C', () => {
  beforeEach(async () => {
    live = await open();
  });

  it('waits for the handler, confirms what it has done, and leaves the rest to the next start', async () => {
    write(ADA, 'slow');
    const slow = await live.arrival();
    write(ADA, 'behind');
    await recheck();
    const [, behind] = live.real.unconfirmed();
    live.interrupt();
    await eventually(() => live.notes).toContain('Waiting for what the bot is handling.');
    write(EVE, 'too late');
    const [, , late] = live.real.unconfirmed();
    expect(live.real.unconfirmed()).toHaveLength(3);
    slow.answer(200, say(ADA.id, 'done'));
    expect(await live.running).toBe(true);
    expect(live.real.unconfirmed()).toEqual([behind, late]);
    expect(live.stage.network.arrivals).toEqual([]);
    expect(live.notes).toContain('Telegram sends 1 unfinished update again at the next start.');
  });

  it('starts no delivery that had to wait for a free connection', async () => {
    await live.stage.setWebhook({ max_connections: '1' });
    write(ADA, 'slow');
    const slow = await live.arrival();
    write(EVE, 'waits');
    await recheck();
    const [, waiting] = live.real.unconfirmed();
    live.interrupt();
    await eventually(() => live.notes).toContain('Waiting for what the bot is handling.');
    slow.answer(200);
    expect(await live.running).toBe(true);
    expect(live.real.unconfirmed()).toEqual([waiting]);
    expect(live.stage.network.arrivals).toEqual([]);
  });

  it('delivers nothing again that fails in the meantime', async () => {
    write(ADA, 'slow');
    const slow = await live.arrival();
    live.interrupt();
    await eventually(() => live.notes).toContain('Waiting for what the bot is handling.');
    slow.answer(500);
    expect(await live.running).toBe(true);
    expect(live.real.unconfirmed()).toEqual([slow.update.update_id]);
    expect(live.stage.network.arrivals).toEqual([]);
    expect(live.printed.at(-1)).toBe(
      'Not delivered: Wrong response from the webhook: 500 Internal Server Error. ' +
        'It comes again at the next start.',
    );
  });

  it('confirms nothing from the first unfinished update on', async () => {
    write(ADA, 'broken');
    write(EVE, 'fine');
    const broken = await live.arrival();
    (await live.arrival()).answer(200);
    broken.answer(500);
    (await live.arrival()).answer(500);
    await eventually(() => live.stage.telegram.waiting(live.stage.bot.id)[0]?.failures).toBe(2);
    live.interrupt();
    expect(await live.running).toBe(true);
    expect(live.real.unconfirmed()).toHaveLength(2);
    expect(live.notes).toContain(
      'Telegram sends 1 unfinished update again at the next start, and 1 that was handled after it.',
    );
  });

  it('does not wait for a handler that hangs', async () => {
    write(ADA, 'hangs');
    const hanging = await live.arrival();
    live.interrupt();
    await eventually(() => live.notes).toContain('Waiting for what the bot is handling.');
    await live.clock.advance(60_000);
    expect(await live.running).toBe(true);
    expect(live.real.unconfirmed()).toEqual([hanging.update.update_id]);
  });
});

describe('trouble', () => {
  beforeEach(async () => {
    live = await open();
    await eventually(() => live.real.methods()).toContain('getUpdates');
  });

  it('a webhook that another program sets ends it, with its host and without its path', async () => {
    await live.real.setWebhook('https://other.example.com/secret-path');
    expect(await live.running).toBe(false);
    expect(live.notes.join()).toContain('The bot has a webhook now, at other.example.com,');
    expect(live.notes.join()).not.toContain('secret-path');
    expect(live.real.bot.webhook.state).toBeDefined();
  });

  it('a second poller is named once, and it goes on', async () => {
    const other = new RealBotApi(live.real.bot.token, live.real.root);
    const stolen = other.call('getUpdates', { timeout: '50', offset: '1' });
    await eventually(() => live.notes.join()).toContain('Another program asks Telegram');
    write(ADA, 'hello');
    await stolen;
    await passTimeUntil(() => live.stage.network.arrivals.length > 0);
    (await live.arrival()).answer(200);
    await eventually(() => live.real.unconfirmed()).toEqual([]);
    expect(live.notes).toHaveLength(2);
    expect(live.notes[1]).toBe('Telegram answers again.');
  });

  it('goes on when Telegram does not say whether the bot has a webhook', async () => {
    let refused = 0;
    live.real.telegram.intercept = ({ method }) =>
      method === 'getWebhookInfo' && refused++ === 0 ? refusal(tooManyRequests(7)) : undefined;
    const other = new RealBotApi(live.real.bot.token, live.real.root);
    const stolen = other.call('getUpdates', { timeout: '50', offset: '1' });
    await eventually(() => live.notes).toContain('Telegram asks to wait 7 s (429).');
    write(ADA, 'hello');
    await stolen;
    await live.clock.advance(7000);
    (await live.arrival()).answer(200);
    await eventually(() => live.real.unconfirmed()).toEqual([]);
  });

  it('waits as long as Telegram asks', async () => {
    let refused = 0;
    live.real.telegram.intercept = () =>
      refused++ === 0 ? refusal(tooManyRequests(7)) : undefined;
    write(ADA, 'hello');
    await eventually(() => live.notes).toEqual([]);
    (await live.arrival()).answer(200);
    await eventually(() => live.notes).toEqual(['Telegram asks to wait 7 s (429).']);
    const before = polls();
    const { clock } = live;
    const resumesAt = clock.now() + 7000;
    await clock.advance(6999);
    expect(polls()).toBe(before);
    expect(clock.now()).toBeLessThan(resumesAt);
    await clock.advance(1);
    await eventually(polls).toBeGreaterThan(before);
    await eventually(() => live.notes.at(-1)).toBe('Telegram answers again.');
  });

  it('a cut network is named once, tried again, and named when it is back', async () => {
    live.real.cut();
    await eventually(() => live.notes).toHaveLength(1);
    expect(live.notes[0]).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+ cannot be reached \(\w+\)\. It is tried/,
    );
    await live.clock.advance(10_000);
    live.real.mend();
    write(ADA, 'hello');
    await passTimeUntil(() => live.stage.network.arrivals.length > 0);
    expect(live.notes.slice(1)).toEqual(['Telegram answers again.']);
    (await live.arrival()).answer(200);
    await eventually(() => live.real.unconfirmed()).toEqual([]);
  });

  it('a revoked token ends it', async () => {
    const { id, token } = live.real.bot;
    live.real.telegram.rotateToken(id, `${token}-new`);
    expect(await live.running).toBe(false);
    expect(live.notes.join()).toContain(
      'Telegram no longer knows the token (401): it was revoked.',
    );
    expect(live.notes.join()).not.toContain(token);
  });

  it('an answer that is none of the Bot API counts as a broken network', async () => {
    let answered = 0;
    live.real.telegram.intercept = () =>
      answered++ === 0 ? { kind: 'answer', status: 502, body: '<html>' } : undefined;
    write(ADA, 'hello');
    (await live.arrival()).answer(200);
    await eventually(() => live.notes.join()).toContain('answered with 502, but not as a Bot API');
    await live.clock.advance(1000);
    await eventually(() => live.notes.at(-1)).toBe('Telegram answers again.');
  });
});
