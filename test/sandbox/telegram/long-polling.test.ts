import { Bot } from 'grammy';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApiAnswer, messageIn, TelegramFixture, WEBHOOK_HOST } from './fixtures.ts';
import { Parameters } from './parameters.ts';

let stage: TelegramFixture;
beforeEach(async () => {
  stage = await TelegramFixture.open();
});
afterEach(() => stage.close());

const OTHER_POLL =
  'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running';
const WEBHOOK_ACTIVE =
  "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";

const send = (text: string) => stage.telegram.deliver(stage.bot.id, messageIn(1, text)) ?? 0;
const poll = (parameters: object = {}) => stage.call('getUpdates', parameters);

/** Starts a request, and resolves when Telegram has it and lets it wait. */
async function waitingPoll(parameters: object): Promise<{ answer: Promise<ApiAnswer> }> {
  const before = stage.clock.sleeping;
  const answer = poll(parameters);
  while (stage.clock.sleeping === before) await new Promise((resolve) => setImmediate(resolve));
  return { answer };
}

function textsOf({ answer }: ApiAnswer): string[] {
  if (!answer.ok) throw new Error(answer.description);
  return (answer.result as { message: { text: string } }[]).map(({ message }) => message.text);
}

const conflict = (description: string) => ({
  status: 409,
  answer: { ok: false, error_code: 409, description },
});

describe('getUpdates', () => {
  it('returns pending updates, oldest first, and keeps them until they are confirmed', async () => {
    const first = send('a');
    send('b');
    expect(textsOf(await poll())).toEqual(['a', 'b']);
    expect(textsOf(await poll({ offset: first }))).toEqual(['a', 'b']);
    expect(textsOf(await poll({ offset: first + 1 }))).toEqual(['b']);
    expect(stage.bot.pending.size).toBe(1);
  });

  it('returns nothing when there is nothing, at once without a timeout', async () => {
    expect(textsOf(await poll())).toEqual([]);
  });

  it.each([
    [2, 2],
    [0, 1],
    [1000, 100],
  ])('with limit %i returns at most %i updates', async (limit, count) => {
    for (let index = 0; index < 101; index++) send('a');
    expect(textsOf(await poll({ limit }))).toHaveLength(count);
  });

  it('with a negative offset forgets all but so many of the newest', async () => {
    for (const text of ['a', 'b', 'c']) send(text);
    expect(textsOf(await poll({ offset: -2 }))).toEqual(['b', 'c']);
    expect(stage.bot.pending.size).toBe(2);
  });

  it('ignores an offset far in the future', async () => {
    const id = send('a');
    expect(textsOf(await poll({ offset: id + 12 }))).toEqual(['a']);
    expect(textsOf(await poll({ offset: id + 11 }))).toEqual([]);
  });

  it('waits for the first update', async () => {
    const { answer } = await waitingPoll({ timeout: 30 });
    send('a');
    expect(textsOf(await answer)).toEqual(['a']);
    expect(stage.clock.sleeping).toBe(0);
  });

  it('returns nothing after the timeout, which is at most 50 seconds', async () => {
    const { answer } = await waitingPoll({ timeout: 1000 });
    await stage.clock.advance(49_999);
    expect(stage.clock.sleeping).toBe(1);
    await stage.clock.advance(1);
    expect(textsOf(await answer)).toEqual([]);
  });

  it('slows down a bot that asks for the same updates again: it waits 3 seconds', async () => {
    await poll({ offset: 5 });
    const { answer } = await waitingPoll({ offset: 5 });
    await stage.clock.advance(3000);
    expect(textsOf(await answer)).toEqual([]);
  });

  it('slows down a bot that asks again within half a second: it gets one update', async () => {
    for (const text of ['a', 'b']) send(text);
    expect(textsOf(await poll({ offset: 5 }))).toEqual(['a', 'b']);
    expect(textsOf(await poll({ offset: 5 }))).toEqual(['a']);
    await stage.clock.advance(500);
    expect(textsOf(await poll({ offset: 5 }))).toEqual(['a', 'b']);
  });

  it('remembers the allowed updates', async () => {
    await poll({ allowed_updates: ['callback_query'] });
    expect(stage.telegram.deliver(stage.bot.id, messageIn(1, 'a'))).toBeUndefined();
    await poll({ offset: 1, timeout: 0 });
    expect(await stage.info()).toMatchObject({ allowed_updates: ['callback_query'] });
  });

  it('ends another request that waits', async () => {
    const first = await waitingPoll({ timeout: 30 });
    const second = poll({ timeout: 30, offset: 1 });
    expect(await first.answer).toMatchObject(conflict(OTHER_POLL));
    send('a');
    expect(textsOf(await second)).toEqual(['a']);
  });

  it('lets another request wait while there are updates for this one', async () => {
    const first = await waitingPoll({ timeout: 30, offset: 1 });
    send('a');
    expect(textsOf(await poll())).toEqual(['a']);
    expect(textsOf(await first.answer)).toEqual(['a']);
  });

  it('is refused while a webhook is set, the second time in 3 seconds after a pause', async () => {
    stage.network.serve(WEBHOOK_HOST, (_, response) => response.end());
    await stage.setWebhook();
    expect(await poll()).toMatchObject(conflict(WEBHOOK_ACTIVE));
    const { answer } = await waitingPoll({});
    await stage.clock.advance(3000);
    expect(await answer).toMatchObject(conflict(WEBHOOK_ACTIVE));
  });

  it('ends when a webhook is set, even if Telegram then refuses the webhook', async () => {
    const { answer } = await waitingPoll({ timeout: 30 });
    await stage.call('setWebhook', { url: 'nonsense://' });
    expect(await answer).toMatchObject(conflict('Conflict: terminated by setWebhook request'));
  });

  it('works again when the webhook is removed, with the updates that were not delivered', async () => {
    stage.network.serve(WEBHOOK_HOST, (_, response) => response.writeHead(500).end());
    await stage.setWebhook();
    send('a');
    await stage.call('deleteWebhook');
    expect(textsOf(await poll())).toEqual(['a']);
  });

  it('ends without updates when the token is revoked', async () => {
    const { answer } = await waitingPoll({ timeout: 30 });
    stage.telegram.rotateToken(stage.bot.id, `${stage.bot.id}:new`);
    expect(textsOf(await answer)).toEqual([]);
  });

  it('leaves no timer behind when Telegram is closed', async () => {
    const { answer } = await waitingPoll({ timeout: 30 });
    const ended = answer.catch((error: NodeJS.ErrnoException) => error.code);
    await stage.telegram.close();
    expect(await ended).toBe('ECONNRESET');
    const late = new Parameters(new Map([['timeout', '30']]));
    expect(await stage.bot.polling.poll(late)).toEqual({ ok: true, result: [] });
    expect(stage.clock.sleeping).toBe(0);
  });
});

describe('a bot library', () => {
  it('polls, replies and confirms what it has got', async () => {
    const { network, telegram, clock, bot } = stage;
    const address = `127.0.0.1:${network.port}`;
    network.serve(address, (request, response) => telegram.handle(request, response));
    const library = new Bot(stage.token, { client: { apiRoot: `http://${address}` } });
    library.on('message:text', (ctx) =>
      ctx.reply(`*${ctx.msg.text}*`, { parse_mode: 'MarkdownV2' }),
    );
    const polling = library.start();
    const chat = telegram.chat(bot.id, { id: 42, firstName: 'Ada' });
    chat.send('ping');
    expect(await chat.nextMessage()).toMatchObject({
      text: 'ping',
      entities: [{ type: 'bold', offset: 0, length: 4 }],
    });

    let stopped = false;
    const end = library.stop().finally(() => {
      stopped = true;
    });
    // The last request asks for the same updates again, and Telegram slows it down.
    while (!stopped) await clock.advance(1000);
    await Promise.all([end, polling]);
    expect(bot.pending.size).toBe(0);
  });
});
