import { beforeEach, describe, expect, it } from 'vitest';
import { eventually, LiveStage } from './fixtures.ts';

const ADA = { id: 42, firstName: 'Ada' };
const EVE = { id: 43, firstName: 'Eve' };

let live: LiveStage;

function say(to: number, text: string) {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ method: 'sendMessage', chat_id: to, text });
  return { headers, body };
}

describe('an update', () => {
  beforeEach(async () => {
    live = await LiveStage.open();
  });

  it('reaches the webhook with its own id, and is confirmed after the call in the reply', async () => {
    const chat = live.write(ADA, 'hello');
    const [id] = live.real.unconfirmed();
    const { update, answer } = await live.arrival();
    expect(update).toMatchObject({ update_id: id, message: { text: 'hello' } });
    await live.recheck();
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
    live.write(ADA, 'broken');
    (await live.arrival()).answer(500);
    const again = await live.arrival();
    live.write(EVE, 'fine');
    await live.recheck();
    const other = await live.arrival();
    expect(other.update.message?.text).toBe('fine');
    other.answer(200);
    await live.recheck();
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

  it('that waits for its next attempt is delivered at once after a reload', async () => {
    live.write(ADA, 'broken');
    (await live.arrival()).answer(500);
    (await live.arrival()).answer(500);
    const { telegram, bot } = live.stage;
    await eventually(() => telegram.waiting(bot.id)[0]?.nextAttemptAt).toBeDefined();
    await live.session.retryFailing();
    (await live.arrival()).answer(200);
    await eventually(() => live.real.unconfirmed()).toEqual([]);
  });

  it('waits unconfirmed when a deploy has removed the bot, until it is back', async () => {
    live.stage.telegram.eraseWebhook(live.stage.bot.id);
    live.session.redeployed([]);
    expect(live.notes).toEqual([
      'The app no longer has this bot, so its updates wait until it is back.',
    ]);
    live.write(ADA, 'hello');
    await live.recheck();
    expect(live.real.unconfirmed()).toHaveLength(1);
    await live.stage.setWebhook();
    (await live.arrival()).answer(200);
    await eventually(() => live.real.unconfirmed()).toEqual([]);
  });

  it('waits unconfirmed while the call in its reply cannot be made', async () => {
    const chat = live.write(ADA, 'hello');
    const { answer } = await live.arrival();
    live.real.cut();
    answer(200, say(ADA.id, 'hi'));
    await eventually(() => live.notes.join()).toContain('sendMessage waits:');
    expect(live.real.unconfirmed()).toHaveLength(1);
    live.real.mend();
    const received = chat.nextMessage();
    await live.passTimeUntil(() => live.real.unconfirmed().length === 0);
    expect((await received).text).toBe('hi');
  });

  it('asks for the types that the webhook asks for', async () => {
    await eventually(() => live.real.methods()).toContain('getUpdates');
    const [call] = live.real.telegram.calls;
    expect(call?.parameters.text('allowed_updates')).toBe('[]');
    await live.stage.setWebhook({ allowed_updates: '["message"]' });
    live.write(ADA, 'hello');
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
    live = await LiveStage.open({ queued: true });
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
    live.write(ADA, 'hello');
    const { receiptHandle } = await receive();
    await live.recheck();
    expect(live.real.unconfirmed()).toHaveLength(1);
    live.queue.updates.delete(receiptHandle);
    await eventually(() => live.real.unconfirmed()).toEqual([]);
  });

  it('is confirmed when it is a dead letter', async () => {
    live.write(ADA, 'hello');
    for (const _ of [1, 2]) {
      const { receiptHandle } = await receive();
      live.queue.updates.changeVisibility(receiptHandle, 0);
    }
    await live.recheck();
    expect(live.real.unconfirmed()).toHaveLength(1);
    expect(live.queue.updates.receive({ max: 1 })).toEqual([]);
    expect(live.queue.deadLetters?.queue.size).toBe(1);
    await eventually(() => live.real.unconfirmed()).toEqual([]);
    live.interrupt();
    await live.running;
    expect(live.notes).toEqual(['The dead letters end with this session: 1.']);
  });

  it('is delivered again when a deploy deletes the queue', async () => {
    live.write(ADA, 'hello');
    await receive();
    live.stage.network.automatic = undefined;
    live.queue.updates.purge();
    const { update, answer } = await live.arrival();
    expect(live.real.unconfirmed()).toEqual([update.update_id]);
    answer(200);
    await eventually(() => live.real.unconfirmed()).toEqual([]);
  });
});

describe('Ctrl-C', () => {
  beforeEach(async () => {
    live = await LiveStage.open();
  });

  it('waits for the handler, confirms what it has done, and leaves the rest to the next start', async () => {
    live.write(ADA, 'slow');
    const slow = await live.arrival();
    live.write(ADA, 'behind');
    await live.recheck();
    const [, behind] = live.real.unconfirmed();
    live.interrupt();
    await eventually(() => live.notes).toContain('Waiting for what the bot is handling.');
    live.write(EVE, 'too late');
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
    live.write(ADA, 'slow');
    const slow = await live.arrival();
    live.write(EVE, 'waits');
    await live.recheck();
    const [, waiting] = live.real.unconfirmed();
    live.interrupt();
    await eventually(() => live.notes).toContain('Waiting for what the bot is handling.');
    slow.answer(200);
    expect(await live.running).toBe(true);
    expect(live.real.unconfirmed()).toEqual([waiting]);
    expect(live.stage.network.arrivals).toEqual([]);
  });

  it('delivers nothing again that fails in the meantime', async () => {
    live.write(ADA, 'slow');
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
    live.write(ADA, 'broken');
    live.write(EVE, 'fine');
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

  it('says how many that were handled come again behind several unfinished ones', async () => {
    live.stage.network.automatic = ({ update, answer }) =>
      answer(update.message?.from?.id === ADA.id ? 500 : 200);
    live.write(ADA, 'broken');
    live.write(ADA, 'behind');
    live.write(EVE, 'fine');
    live.write(EVE, 'too');
    const { telegram, bot } = live.stage;
    const shown = () => live.printed.filter((text) => text.startsWith('→'));
    await live.passTimeUntil(() => shown().length === 4 && telegram.waiting(bot.id).length === 2);
    live.interrupt();
    await live.running;
    expect(live.notes).toContain(
      'Telegram sends 2 unfinished updates again at the next start, and 2 that were handled after the first.',
    );
  });

  it('does not wait for a handler that hangs', async () => {
    live.write(ADA, 'hangs');
    const hanging = await live.arrival();
    live.interrupt();
    await eventually(() => live.notes).toContain('Waiting for what the bot is handling.');
    await live.clock.advance(60_000);
    expect(await live.running).toBe(true);
    expect(live.real.unconfirmed()).toEqual([hanging.update.update_id]);
  });
});
