import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../clock.ts';
import { WEBHOOK_URL } from '../telegram/fixtures.ts';
import { type EventReader, PageStage } from './fixtures.ts';
import { FOREIGN_HOST } from './foreign-webhooks.ts';
import type { BotView } from './protocol.ts';

let stage: PageStage;
let page: EventReader;

afterEach(() => stage.close());

async function open(options: Parameters<typeof PageStage.open>[0] = {}): Promise<void> {
  stage = await PageStage.open(options);
  page = await stage.connect();
}

const act = (action: object) => stage.act({ botId: stage.stage.bot.id, ...action });
const say = (text: string) => stage.act({ do: 'send', placeId: stage.placeId, text });
const bot = async (fits: (bot: BotView) => boolean) =>
  (await page.next('bot', (event) => fits(event.bot))).bot;
const done = { ok: true };
const fails = (error: string) => ({ ok: false, error: expect.stringContaining(error) });

describe('updates', () => {
  beforeEach(() => open());

  it('are sent again with the next id, and marked', async () => {
    const { network, bot: own } = stage.stage;
    await say('hello');
    const { update } = await network.next();
    expect(await act({ do: 'send update', update })).toEqual(done);
    // The first one has to be handled before.
    expect(stage.origins).toEqual([[own.id, update.update_id + 1, 'sent again']]);
    expect(own.pending.inOrder().map((pending) => pending.update)).toEqual([
      update,
      { ...update, update_id: update.update_id + 1 },
    ]);
  });

  it.each<[string, unknown]>([
    ['This one has none.', {}],
    ['This one has none.', { update_id: 5 }],
    ['This one has massage.', { massage: {} }],
    ['This one has message, poll.', { message: {}, poll: {} }],
    ['This one has message, extra.', { message: {}, extra: 1 }],
    ['The field message must be an object.', { message: 'hello' }],
    ['This message lacks the chat or the user', { message: {} }],
    ['allowed updates do not include poll.', { poll: { id: '1' } }],
    ['The update of "send update" must be an object.', [{ message: {} }]],
    ['are limited to 524288 bytes', { message: { chat: { id: 1 }, text: 'x'.repeat(600_000) } }],
  ])('are refused: %s', async (error, update) => {
    expect(await act({ do: 'send update', update })).toEqual(fails(error));
    expect(stage.stage.pending()).toBe(0);
    expect(stage.origins).toEqual([]);
  });

  it('are retried and dropped', async () => {
    expect(await act({ do: 'retry' })).toEqual(fails('No update waits for another attempt.'));
    expect(await act({ do: 'drop', updateId: 1 })).toEqual(fails('Update 1 is not waiting'));
    const { network } = stage.stage;
    await say('hello');
    // Telegram does not wait before the second attempt.
    (await network.next()).answer(500);
    const first = await network.next();
    first.answer(500);
    await settle();
    expect(await act({ do: 'retry' })).toEqual(done);
    const second = await network.next();
    expect(second.update).toEqual(first.update);
    second.answer(500);
    await settle();
    expect(await act({ do: 'drop', updateId: first.update.update_id })).toEqual(done);
    expect(stage.stage.pending()).toBe(0);
  });
});

describe('a queue', () => {
  beforeEach(() => open({ queued: true }));

  it('is shown, retried, and gets its dead letters back', async () => {
    expect(await act({ do: 'redrive' })).toEqual(fails('There are no dead letters.'));
    const { updates, deadLetters } = stage.queue;
    const body = JSON.stringify({ update_id: 7, message: { text: 'hello' } });
    updates.send({ body, group: '1', deduplicationId: '7' });
    stage.page.refreshSoon();
    expect((await bot(({ queue }) => queue?.waiting === 1)).queue?.deadLetters).toEqual([]);
    for (let attempt = 1; attempt <= 2; attempt++) {
      const batch = updates.receive({ max: 1 });
      for (const { receiptHandle } of batch) updates.changeVisibility(receiptHandle, 60);
      const failedIds = new Set(batch.map(({ id }) => id));
      stage.handled.emit({ queueArn: stage.queue.arn, messages: 1, failed: 1, batch, failedIds });
      expect(await act({ do: 'retry' })).toEqual(done);
    }
    expect(updates.receive({ max: 1 })).toEqual([]);
    stage.page.refreshSoon();
    const { queue } = await bot((view) => view.queue?.deadLetters.length === 1);
    expect(queue).toEqual({
      waiting: 0,
      deadLetters: [{ id: expect.any(String), updateId: 7, attempts: 2 }],
    });
    expect(await act({ do: 'redrive' })).toEqual(done);
    expect(deadLetters?.queue.size).toBe(0);
    expect(updates.size).toBe(1);
  });
});

describe('answers', () => {
  beforeEach(() => open());

  it('fail as they are told to, in order', async () => {
    expect(await act({ do: 'add fault', method: 'sendmessage', code: 429 })).toEqual(done);
    expect(await act({ do: 'add fault', method: 'sendPhoto', code: 403 })).toEqual(done);
    const { faults } = await bot((view) => view.faults.length === 2);
    expect(faults).toEqual([
      { method: 'sendMessage', code: 429 },
      { method: 'sendPhoto', code: 403 },
    ]);
    expect(await act({ do: 'clear faults' })).toEqual(done);
    await bot((view) => view.faults.length === 0);
    expect(await act({ do: 'add fault', method: 'sendMassage', code: 429 })).toEqual(
      fails('Telegram has no method "sendMassage".'),
    );
    expect(await act({ do: 'add fault', method: 'sendMessage', code: 500 })).toEqual(
      fails('The code of "add fault" must be one of 400, 403, 429.'),
    );
  });
});

describe('a bot', () => {
  beforeEach(() => open());

  it('is shown with its webhook, without the path', async () => {
    const [shown] = stage.page.state().bots;
    expect(shown).toMatchObject({
      ...{
        username: 'kit_bot',
        firstName: 'Kit',
        path: 'Kit/Bot',
        isQueued: false,
        isWatched: true,
      },
      webhookInfo: { url: `${new URL(WEBHOOK_URL).origin}/…`, pending_update_count: 0 },
      ...{ isTokenValid: true, faults: [] },
    });
    expect(JSON.stringify(stage.page.state())).not.toContain('hook?a=1');
    // The watch is asked when the first page connects.
    expect((await bot((view) => view.diagnosis !== undefined)).diagnosis).toEqual({
      ...{ condition: 'healthy', cause: 'A cause.', fix: 'A fix.' },
      at: stage.stage.clock.now(),
    });
  });

  it('loses its webhook, and what the watch says about it is shown', async () => {
    stage.condition = 'missing';
    expect(await act({ do: 'delete webhook' })).toEqual(done);
    const { webhookInfo } = await bot((view) => view.diagnosis?.condition === 'missing');
    expect(webhookInfo.url).toBe('');
    expect(await say('hello')).toEqual({
      ok: true,
      notice: 'The bot has no webhook. Telegram keeps this until it has one.',
    });
  });

  it('delivers to another endpoint', async () => {
    // Telegram takes one webhook a second, and the bot's own was just set.
    const acted = act({ do: 'set foreign webhook' });
    await expect
      .poll(async () => {
        await stage.stage.clock.advance(1000);
        return Promise.race([acted, 'waits']);
      })
      .toEqual(done);
    await bot(({ webhookInfo }) => webhookInfo.url === `https://${FOREIGN_HOST}/…`);
    await say('hello');
    const { url } = await stage.stage.network.next();
    expect(url.host).toBe(FOREIGN_HOST);
  });

  it('gets another token, which its secret does not hold until it is stored', async () => {
    const { bot: own } = stage.stage;
    const { token } = own;
    expect(await act({ do: 'revoke token' })).toEqual(done);
    expect(own.token).not.toBe(token);
    expect(stage.storedToken).toBe(token);
    const revoked = await bot(({ isTokenValid }) => !isTokenValid);
    expect(revoked.webhookInfo.url).toBe('');
    expect(await act({ do: 'store new token' })).toEqual(done);
    await bot(({ isTokenValid }) => isTokenValid);
    expect(stage.storedToken).toBe(own.token);
    expect(JSON.stringify(stage.page.state())).not.toContain(own.token);
  });

  it('is checked by its watch', async () => {
    stage.condition = 'changed';
    expect(await act({ do: 'diagnose' })).toEqual(done);
    await bot(({ diagnosis }) => diagnosis?.condition === 'changed');
    expect(stage.watched).toEqual([]);
    stage.condition = 'healthy';
    expect(await act({ do: 'run watch' })).toEqual(done);
    await bot(({ diagnosis }) => diagnosis?.condition === 'healthy');
    // Right after a deploy, it would change nothing.
    expect(stage.watched).toEqual([stage.stage.clock.now() + 20 * 60_000]);
    stage.condition = '';
    expect(await act({ do: 'diagnose' })).toEqual(fails('The registrar failed'));
    // What it said before is no longer known to be true.
    expect(stage.page.state().bots[0]).not.toHaveProperty('diagnosis');
  });
});

it('shows the answer of the watch to the last question, even if an earlier one comes later', async () => {
  await open();
  await bot((view) => view.diagnosis !== undefined);
  let answer = () => {};
  stage.answering = new Promise((resolve) => {
    answer = resolve;
  });
  stage.condition = 'missing';
  const earlier = stage.page.diagnose(stage.stage.bot.id);
  stage.answering = undefined;
  stage.condition = 'foreign';
  expect(await act({ do: 'diagnose' })).toEqual(done);
  answer();
  await earlier;
  expect(stage.page.state().bots[0]?.diagnosis?.condition).toBe('foreign');
});

it('asks the watch once, however many pages connect before it answers', async () => {
  stage = await PageStage.open();
  let answer = () => {};
  stage.answering = new Promise((resolve) => {
    answer = resolve;
  });
  const pages = [await stage.connect(), await stage.connect()];
  answer();
  for (const each of pages) await each.next('bot', ({ bot: { diagnosis } }) => !!diagnosis);
  expect(stage.asked).toBe(1);
});

it('shows a bot without a watch, which cannot be asked', async () => {
  await open({ watched: false });
  expect(stage.page.state().bots).toMatchObject([{ isWatched: false }]);
  for (const what of ['run watch', 'diagnose']) {
    expect(await act({ do: what })).toEqual(fails('No watch is deployed for this bot.'));
  }
});

it('shows no chat in live mode, where people use the real Telegram', async () => {
  await open({ mode: 'live' });
  expect((await page.next('snapshot')).state).toMatchObject({ mode: 'live', places: [] });
  expect(await say('hello')).toEqual(fails('This bot is on the real Telegram.'));
  expect(await act({ do: 'open person', firstName: 'Ada' })).toEqual(
    fails('This bot is on the real Telegram.'),
  );
  for (const what of ['delete webhook', 'set foreign webhook', 'revoke token', 'store new token']) {
    expect(await act({ do: what })).toEqual(fails('This bot is on the real Telegram.'));
  }
  expect(await act({ do: 'send update', update: {} })).toEqual(
    fails('This bot is on the real Telegram.'),
  );
  expect(await act({ do: 'diagnose' })).toEqual(done);
});
