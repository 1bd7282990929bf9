import { afterEach, beforeEach, expect, it } from 'vitest';
import { Logs } from '../aws/logs.ts';
import { Signal } from '../signal.ts';
import type { Bot } from '../telegram/bot.ts';
import { fakeToken } from '../telegram/fake-token.ts';
import { DeliveryStage, WEBHOOK_URL } from '../telegram/fixtures.ts';
import { Parameters } from '../telegram/parameters.ts';
import { obey } from './commands/index.ts';
import { newQueue } from './fixtures.ts';
import { Session } from './session.ts';

let stage: DeliveryStage;
let news: Bot;
let logs: Logs;
let session: Session;
let printed: string[];

beforeEach(async () => {
  stage = await DeliveryStage.open();
  await stage.setWebhook();
  const token = fakeToken(7_000_000_002);
  news = stage.telegram.createBot({ token, username: 'news_bot', firstName: 'News' });
  await news.webhook.set(new Parameters(new Map([['url', `${WEBHOOK_URL}&news`]])));
  logs = new Logs();
  for (const group of ['kit', 'news']) logs.createGroup(group, {});
  printed = [];
  const { telegram, clock, bot } = stage;
  session = new Session({
    ...{ telegram, clock, logs, eventSources: { handled: new Signal() }, sqs: {} as never },
    bots: [
      { bot, path: 'App/Kit', logGroups: ['kit'] },
      { bot: news, path: 'Stage/Second/News', logGroups: ['news'], queue: newQueue(stage) },
    ],
    print: (text) => printed.push(text),
  });
  stage.network.automatic = ({ update, url, answer }) => {
    const name = url.href.endsWith('news') ? 'news' : 'kit';
    if (update.message?.text === 'log') logs.write(name, `logged by ${name}`);
    const text = `${name} got ${update.message?.text}`;
    const body = JSON.stringify({ method: 'sendMessage', chat_id: 1001, text });
    answer(200, { headers: { 'content-type': 'application/json' }, body });
  };
});

afterEach(() => stage.close());

it('talks to the first bot until another one is chosen', async () => {
  await obey('hello', session);
  await obey(':bot news_bot', session);
  session.partners[1]?.conversation.chat.send('hello');
  await expect
    .poll(() => printed, { timeout: 60_000 })
    .toEqual([
      '@kit_bot: kit got hello',
      'You talk to @news_bot (Stage/Second/News, queued).',
      '@news_bot: news got hello',
    ]);
});

it.each(['@News_Bot', 'stage/second/news', 'Second/News', 'News', 'Stage'])(
  'finds a bot by its username, the path of its construct or its stack: %s',
  async (name) => {
    await obey(`:bot ${name}`, session);
    expect(session.current.bot).toBe(news);
  },
);

it('lists the bots, and marks the current one', async () => {
  await obey(':bot nobody', session);
  await obey(':bots', session);
  expect(printed).toEqual([
    'No bot, or more than one, is called nobody. :bots lists them.',
    '* @kit_bot (App/Kit, direct)',
    '  @news_bot (Stage/Second/News, queued)',
  ]);
});

it('says of which bot the logs and problems are if it is not the current one', async () => {
  session.partners[1]?.conversation.chat.send('log');
  await expect
    .poll(() => printed, { timeout: 60_000 })
    .toEqual(['@news_bot: news got log', '[@news_bot]   logged by news']);
});

it('reports nothing any more once it is closed', async () => {
  session.close();
  session.conversation.chat.send('log');
  await stage.clock.advance(1000);
  expect(printed).toEqual(['@kit_bot: kit got log']);
});
