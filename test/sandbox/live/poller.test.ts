import { once } from 'node:events';
import { beforeEach, expect, it } from 'vitest';
import { tooManyRequests } from '../telegram/bot-api-error.ts';
import { refusal } from '../telegram/faults.ts';
import { eventually, LiveStage } from './fixtures.ts';
import { Poller } from './poller.ts';
import { RealBotApi } from './real-bot-api.ts';
import { UnfinishedUpdates } from './unfinished.ts';

const ADA = { id: 42, firstName: 'Ada' };

let live: LiveStage;

beforeEach(async () => {
  live = await LiveStage.open();
  await eventually(() => live.real.methods()).toContain('getUpdates');
});

it('a webhook that another program sets ends it, with its host and without its path', async () => {
  await live.real.setWebhook('https://other.example.com/secret-path');
  expect(await live.running).toBe(false);
  expect(live.notes.join()).toContain('The bot has a webhook now, at other.example.com,');
  expect(live.notes.join()).not.toContain('secret-path');
  expect(live.real.bot.webhook.state).toBeDefined();
});

it('a webhook that is set while an update is handled gets that update again, which is said', async () => {
  live.write(ADA, 'slow');
  const { answer } = await live.arrival();
  await live.real.setWebhook('https://other.example.com/');
  await live.passTimeUntil(() => live.notes.includes('Waiting for what the bot is handling.'));
  answer(200);
  expect(await live.running).toBe(false);
  expect(live.notes.at(-1)).toBe(
    'Telegram could not be told what was handled last, and sends that again to that webhook.',
  );
});

it('a second poller is named once, and it goes on', async () => {
  const other = new RealBotApi(live.real.bot.token, live.real.root);
  const stolen = other.call('getUpdates', { timeout: '50', offset: '1' });
  await eventually(() => live.notes.join()).toContain('Another program asks Telegram');
  live.write(ADA, 'hello');
  await stolen;
  await live.passTimeUntil(() => live.stage.network.arrivals.length > 0);
  (await live.arrival()).answer(200);
  await eventually(() => live.real.unconfirmed()).toEqual([]);
  expect(live.notes).toHaveLength(2);
  expect(live.notes[1]).toBe('Telegram sends updates here again.');
});

it('goes on when Telegram does not say whether the bot has a webhook', async () => {
  let refused = 0;
  live.real.telegram.intercept = ({ method }) =>
    method === 'getWebhookInfo' && refused++ === 0 ? refusal(tooManyRequests(7)) : undefined;
  const other = new RealBotApi(live.real.bot.token, live.real.root);
  const stolen = other.call('getUpdates', { timeout: '50', offset: '1' });
  await eventually(() => live.notes).toContain('Telegram asks to wait 7 s (429).');
  live.write(ADA, 'hello');
  await stolen;
  await live.clock.advance(7000);
  (await live.arrival()).answer(200);
  await eventually(() => live.real.unconfirmed()).toEqual([]);
});

it('waits as long as Telegram asks', async () => {
  let refused = 0;
  live.real.telegram.intercept = () => (refused++ === 0 ? refusal(tooManyRequests(7)) : undefined);
  live.write(ADA, 'hello');
  await eventually(() => live.notes).toEqual([]);
  (await live.arrival()).answer(200);
  await eventually(() => live.notes).toEqual(['Telegram asks to wait 7 s (429).']);
  const before = live.polls();
  const { clock } = live;
  const resumesAt = clock.now() + 7000;
  await clock.advance(6999);
  expect(live.polls()).toBe(before);
  expect(clock.now()).toBeLessThan(resumesAt);
  await clock.advance(1);
  await eventually(() => live.polls()).toBeGreaterThan(before);
  await eventually(() => live.notes.at(-1)).toBe('Telegram sends updates here again.');
});

it('a cut network is named once, tried again, and named when it is back', async () => {
  live.real.cut();
  await eventually(() => live.notes).toHaveLength(1);
  expect(live.notes[0]).toMatch(
    /^http:\/\/127\.0\.0\.1:\d+ cannot be reached \(\w+\)\. It is tried/,
  );
  await live.clock.advance(10_000);
  live.real.mend();
  live.write(ADA, 'hello');
  await live.passTimeUntil(() => live.stage.network.arrivals.length > 0);
  expect(live.notes.slice(1)).toEqual(['Telegram sends updates here again.']);
  (await live.arrival()).answer(200);
  await eventually(() => live.real.unconfirmed()).toEqual([]);
});

it('a request that gets no answer in time is tried again', async () => {
  // Longer than Telegram waits, and its answer may take.
  await live.clock.advance(80_000);
  await eventually(() => live.notes).toHaveLength(1);
  expect(live.notes[0]).toContain('cannot be reached (TimeoutError). It is tried again');
});

it('a revoked token ends it', async () => {
  const { id, token } = live.real.bot;
  live.real.telegram.rotateToken(id, `${token}-new`);
  expect(await live.running).toBe(false);
  expect(live.notes.join()).toContain('Telegram no longer knows the token (401): it was revoked.');
  expect(live.notes.join()).not.toContain(token);
});

it('an answer that is none of the Bot API counts as a broken network', async () => {
  let answered = 0;
  live.real.telegram.intercept = () =>
    answered++ === 0 ? { kind: 'answer', status: 502, body: '<html>' } : undefined;
  live.write(ADA, 'hello');
  (await live.arrival()).answer(200);
  await eventually(() => live.notes.join()).toContain('answered with 502, but not as a Bot API');
  await live.clock.advance(1000);
  await eventually(() => live.notes.at(-1)).toBe('Telegram sends updates here again.');
});

it('an unfinished update that keeps Telegram from showing more is named once', async () => {
  const { clock } = live;
  const waiting = Array.from({ length: 101 }, (_, index) => ({ update_id: 500 + index }));
  const unfinished = new UnfinishedUpdates();
  const [taken, said]: [number[], string[]] = [[], []];
  const stopping = new AbortController();
  const polling = new Poller({
    ...{ clock, unfinished, allowedUpdates: () => [] },
    api: {
      async call(_method: string, { offset }: { offset: string }, signal: AbortSignal) {
        const result = waiting.filter(({ update_id }) => update_id >= Number(offset));
        if (result.length === 0) await once(signal, 'abort');
        return { ok: true, result: result.slice(0, 100) };
      },
    } as never,
    onUpdate({ update_id }) {
      taken.push(update_id);
      if (update_id !== 500) unfinished.finish(update_id);
    },
    say: (text) => said.push(text),
  }).run(stopping.signal);
  await eventually(async () => {
    await clock.advance(1000);
    return said;
  }).toEqual([
    'Telegram shows 100 updates from the first unfinished one on, and no more until the bot has handled update 500: ' +
      'fix the bot, or drop that update on the page.',
  ]);
  await clock.advance(5000);
  expect(said).toHaveLength(1);
  expect(taken).not.toContain(600);
  unfinished.finish(500);
  await eventually(() => taken).toContain(600);
  stopping.abort();
  await polling;
});
