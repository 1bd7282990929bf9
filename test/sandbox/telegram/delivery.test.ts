import { gzipSync } from 'node:zlib';
import type { Poll, PreCheckoutQuery, ShippingQuery } from '@grammyjs/types';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeToken } from '../../fixtures.ts';
import { ManualClock } from '../clock.ts';
import type { Bot } from './bot.ts';
import { messageIn, ScriptedNetwork, settle, WEBHOOK_URL } from './fixtures.ts';
import { Parameters } from './parameters.ts';
import { Telegram } from './telegram.ts';
import type { NewUpdate } from './update-types.ts';

const HOUR = 3_600_000;

let clock: ManualClock;
let network: ScriptedNetwork;
let telegram: Telegram;
let bot: Bot;
beforeEach(async () => {
  clock = new ManualClock();
  network = new ScriptedNetwork();
  telegram = await Telegram.start({ door: network, clock, random: () => 0.5 });
  bot = telegram.createBot({ token: fakeToken(), username: 'kit_bot', firstName: 'Kit' });
});
afterEach(() => telegram.close());

async function setWebhook(settings: Record<string, string> = {}, certificate?: Buffer) {
  await clock.advance(1000);
  const texts = new Map(Object.entries({ url: WEBHOOK_URL, ...settings }));
  const files = new Map(certificate ? [['certificate', certificate]] : []);
  await bot.webhook.set(new Parameters(texts, files));
}
const deliver = (update: NewUpdate) => telegram.deliver(bot.id, update);
const lastError = () => telegram.webhook(bot.id)?.lastError?.message;
const pending = () => bot.pending.size;

const ada = { id: 1, is_bot: false, first_name: 'Ada' };
const pressed: NewUpdate = {
  callback_query: { id: '1', from: ada, chat_instance: '1', data: 'x' },
};
const inlineQuery: NewUpdate = { inline_query: { id: '1', from: ada, query: 'x', offset: '' } };

describe('a delivery', () => {
  it('is a POST to the webhook with exactly these headers', async () => {
    await setWebhook({ secret_token: 'S' });
    deliver(messageIn(1, 'ö'));
    const { url, options, update } = await network.next();
    expect(url.href).toBe(WEBHOOK_URL);
    expect(options.method).toBe('POST');
    expect(Object.entries(options.headers)).toEqual([
      ['Host', 'bot.example.com'],
      ['X-Telegram-Bot-Api-Secret-Token', 'S'],
      ['Content-Type', 'application/json'],
      ['Content-Length', String(Buffer.byteLength(JSON.stringify(update)))],
      ['Connection', 'keep-alive'],
      ['Accept-Encoding', 'gzip, deflate'],
    ]);
    expect(update).toMatchObject({ update_id: expect.any(Number), message: { text: 'ö' } });
  });

  it('carries no secret header without a secret, and a host without its port', async () => {
    await setWebhook({ url: 'https://bot.example.com:8443/' });
    deliver(messageIn(1, 'a'));
    const { url, options } = await network.next();
    expect(url.port).toBe('8443');
    expect(options.headers).not.toHaveProperty('X-Telegram-Bot-Api-Secret-Token');
    expect(options.headers.Host).toBe('bot.example.com');
  });

  it('trusts the uploaded certificate, and the usual authorities without one', async () => {
    const certificate = Buffer.from('PEM');
    await setWebhook({}, certificate);
    deliver(messageIn(1, 'a'));
    const first = await network.next();
    expect(first.options.ca).toEqual(certificate);
    first.answer(200);
    await setWebhook();
    deliver(messageIn(1, 'b'));
    expect((await network.next()).options.ca).toBeUndefined();
  });

  it.each([200, 201, 204, 299])('has succeeded with %i', async (status) => {
    await setWebhook();
    deliver(messageIn(1, 'a'));
    (await network.next()).answer(status);
    await settle();
    expect(pending()).toBe(0);
    expect(lastError()).toBeUndefined();
  });

  it.each([
    [302, 'Found'],
    [400, 'Bad Request'],
    [401, 'Unauthorized'],
    [500, 'Internal Server Error'],
  ])('has failed with %i, and says so', async (status, reason) => {
    await setWebhook();
    deliver(messageIn(1, 'a'));
    (await network.next()).answer(status, { headers: { location: 'https://elsewhere' } });
    await settle();
    expect(pending()).toBe(1);
    expect(lastError()).toBe(`Wrong response from the webhook: ${status} ${reason}`);
  });

  it.each([
    ['ECONNREFUSED', 'Connection refused'],
    ['ECONNRESET', 'Connection reset by peer'],
    ['ETIMEDOUT', 'Connection timed out'],
    ['ENOTFOUND', 'Failed to resolve host: Name or service not known'],
    [
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'SSL error {error:0A000086:SSL routines::certificate verify failed}',
    ],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'SSL error {ERR_SSL_WRONG_VERSION_NUMBER}'],
  ])('that ends in %s has failed with "%s"', async (code, message) => {
    await setWebhook();
    deliver(messageIn(1, 'a'));
    (await network.next()).fail(code);
    await settle();
    expect(lastError()).toBe(message);
  });

  it('has 60 seconds in all, and then starts again', async () => {
    await setWebhook();
    const id = deliver(messageIn(1, 'a'));
    await network.next();
    await clock.advance(59_999);
    expect(await network.nothingMore()).toBe(true);
    expect(lastError()).toBeUndefined();
    await clock.advance(1);
    expect((await network.next()).update.update_id).toBe(id);
    expect(lastError()).toBe('Read timeout expired');
  });

  it('leaves its error to be seen after a later success, with its date', async () => {
    await setWebhook();
    deliver(messageIn(1, 'a'));
    const date = Math.floor(clock.now() / 1000);
    (await network.next()).answer(500);
    (await network.next()).answer(200);
    await settle();
    await clock.advance(10_000);
    expect(bot.webhook.info()).toMatchObject({
      pending_update_count: 0,
      last_error_date: date,
      last_error_message: 'Wrong response from the webhook: 500 Internal Server Error',
    });
  });
});

describe('queues', () => {
  it('have one update in flight each: messages and edits of one chat wait for each other', async () => {
    await setWebhook();
    deliver(messageIn(1, 'first'));
    const { message } = messageIn(1, 'second');
    if (!message) throw new Error('no message');
    deliver({ edited_message: { ...message, edit_date: 1 } });
    const first = await network.next();
    expect(await network.nothingMore()).toBe(true);
    first.answer(200);
    expect((await network.next()).update.edited_message?.text).toBe('second');
  });

  it('run side by side for different chats, and for a chat and its person', async () => {
    await setWebhook();
    deliver(messageIn(1, 'a'));
    deliver(messageIn(2, 'b'));
    deliver(pressed);
    deliver(inlineQuery);
    for (let i = 0; i < 4; i++) await network.next();
  });

  it('hold back callback queries of one person', async () => {
    await setWebhook();
    deliver(pressed);
    deliver(pressed);
    await network.next();
    expect(await network.nothingMore()).toBe(true);
  });

  it('hold back what concerns one poll', async () => {
    await setWebhook();
    deliver({ poll: { id: '9' } as Poll });
    deliver({
      poll_answer: { poll_id: '9', user: ada, option_ids: [], option_persistent_ids: [] },
    });
    deliver({ poll: { id: '10' } as Poll });
    await network.next();
    expect((await network.next()).update.poll?.id).toBe('10');
    expect(await network.nothingMore()).toBe(true);
  });

  it('share max_connections', async () => {
    await setWebhook({ max_connections: '2' });
    for (let chat = 1; chat <= 3; chat++) deliver(messageIn(chat, 'a'));
    const first = await network.next();
    await network.next();
    expect(await network.nothingMore()).toBe(true);
    first.answer(200);
    expect((await network.next()).update.message?.chat.id).toBe(3);
  });

  it('go on while one of them fails', async () => {
    await setWebhook({ max_connections: '1' });
    deliver(messageIn(1, 'poison'));
    deliver(messageIn(1, 'behind'));
    deliver(messageIn(2, 'other'));
    (await network.next()).answer(500);
    (await network.next()).answer(200);
    (await network.next()).answer(500);
    await settle();
    expect(pending()).toBe(2);
    expect(await network.nothingMore()).toBe(true);
  });
});

describe('queues that are asleep', () => {
  it('are no leak to Node, however many', async () => {
    const warnings: string[] = [];
    const hear = (warning: Error) => warnings.push(warning.name);
    process.on('warning', hear);
    network.automatic = (arrival) => arrival.answer(500);
    await setWebhook();
    for (let chat = 1; chat <= 30; chat++) deliver(messageIn(chat, 'a'));
    await settle();
    expect(clock.sleeping).toBe(30);
    process.off('warning', hear);
    expect(warnings).toEqual([]);
  });
});

describe('a retry', () => {
  async function expectRetryAfter(seconds: number) {
    await settle();
    if (seconds > 0) {
      await clock.advance(seconds * 1000 - 1);
      expect(await network.nothingMore()).toBe(true);
      await clock.advance(1);
    }
    return network.next();
  }

  it('comes after 0, 2, 4, 8, 16, 32 and 64 s, and from then on after 60 to 120', async () => {
    await setWebhook();
    deliver(messageIn(1, 'a'));
    let arrival = await network.next();
    for (const seconds of [0, 2, 4, 8, 16, 32, 64, 90, 90, 90]) {
      arrival.answer(500);
      arrival = await expectRetryAfter(seconds);
    }
  });

  it('comes when Retry-After says, and then on the schedule again', async () => {
    await setWebhook();
    deliver(messageIn(1, 'a'));
    (await network.next()).answer(429, { headers: { 'retry-after': '7' } });
    (await expectRetryAfter(7)).answer(500);
    (await expectRetryAfter(2)).answer(500);
    await expectRetryAfter(4);
  });

  it('waits an hour at most', async () => {
    await setWebhook();
    deliver(messageIn(1, 'a'));
    (await network.next()).answer(503, { headers: { 'retry-after': '99999' } });
    await expectRetryAfter(3600);
  });

  it('starts its schedule anew with the next update', async () => {
    await setWebhook();
    deliver(messageIn(1, 'a'));
    deliver(messageIn(1, 'b'));
    (await network.next()).answer(500);
    (await network.next()).answer(500);
    (await expectRetryAfter(2)).answer(200);
    (await network.next()).answer(500);
    expect((await expectRetryAfter(0)).update.message?.text).toBe('b');
  });
});

describe('an update', () => {
  it.each([
    ['message', messageIn(1, 'a'), 24 * 3600],
    ['callback query', pressed, 150],
    ['shipping query', { shipping_query: { from: ada } as ShippingQuery }, 150],
    ['pre-checkout query', { pre_checkout_query: { from: ada } as PreCheckoutQuery }, 150],
    ['inline query', inlineQuery, 30],
    [
      'chosen inline result',
      { chosen_inline_result: { result_id: '1', from: ada, query: '' } } as NewUpdate,
      600,
    ],
  ])('of type %s lives that long', async (_, update, seconds) => {
    deliver(update);
    await clock.advance(seconds * 1000);
    expect(pending()).toBe(1);
    await clock.advance(1);
    expect(pending()).toBe(0);
  });

  it('is dropped when its next attempt would come too late', async () => {
    await setWebhook();
    deliver(inlineQuery);
    for (const seconds of [0, 2, 4, 8, 16]) {
      (await network.next()).answer(500);
      await settle();
      await clock.advance(seconds * 1000);
    }
    expect(pending()).toBe(1);
    (await network.next()).answer(500);
    await settle();
    expect(pending()).toBe(0);
  });

  it('that grew too old behind another is never delivered', async () => {
    await setWebhook();
    deliver(inlineQuery);
    deliver(inlineQuery);
    const first = await network.next();
    await clock.advance(30_001);
    first.answer(200);
    expect(await network.nothingMore()).toBe(true);
    expect(pending()).toBe(0);
  });

  it('waits for a webhook, and those that wait are delivered in order', async () => {
    deliver(messageIn(1, 'a'));
    deliver(messageIn(1, 'b'));
    await setWebhook();
    const first = await network.next();
    first.answer(200);
    const second = await network.next();
    expect([first.update.message?.text, second.update.message?.text]).toEqual(['a', 'b']);
    expect(second.update.update_id).toBe(first.update.update_id + 1);
  });

  it('is delivered again by a webhook that replaces the one it was in flight to', async () => {
    await setWebhook();
    const id = deliver(messageIn(1, 'a'));
    const old = await network.next();
    await setWebhook({ secret_token: 'new' });
    expect(old.options.signal.aborted).toBe(true);
    const again = await network.next();
    expect(again.update.update_id).toBe(id);
    expect(again.options.headers['X-Telegram-Bot-Api-Secret-Token']).toBe('new');
  });

  it('stays pending when the webhook is removed', async () => {
    await setWebhook();
    deliver(messageIn(1, 'a'));
    await network.next();
    bot.webhook.remove(new Parameters(new Map()));
    await settle();
    expect(pending()).toBe(1);
    expect(clock.sleeping).toBe(0);
  });
});

describe('an endpoint that answers 410', () => {
  async function answerAll(status: number, hours: number) {
    const end = clock.now() + hours * HOUR;
    network.automatic = (arrival) => arrival.answer(status, { headers: { 'retry-after': '3600' } });
    for (const arrival of network.arrivals.splice(0)) network.automatic(arrival);
    while (clock.now() < end) {
      await settle();
      await clock.advance(HOUR);
    }
    await settle();
  }

  it('loses its webhook after more than 23 hours, and not before', async () => {
    await setWebhook();
    deliver(messageIn(1, 'a'));
    await answerAll(410, 23);
    expect(telegram.webhook(bot.id)).toBeDefined();
    deliver(messageIn(2, 'b'));
    await answerAll(410, 1);
    expect(telegram.webhook(bot.id)).toBeUndefined();
  });

  it('keeps it when something else was answered in between', async () => {
    await setWebhook();
    deliver(messageIn(1, 'a'));
    await answerAll(410, 22);
    deliver(messageIn(2, 'b'));
    await answerAll(503, 1);
    deliver(messageIn(3, 'c'));
    await answerAll(410, 2);
    expect(telegram.webhook(bot.id)).toBeDefined();
  });
});

describe('the answer to a delivery', () => {
  const chat = () => telegram.chat(bot.id, { id: 1, firstName: 'Ada' });
  const sendMessage = { method: 'sendMessage', chat_id: 1, text: 'hello' };

  async function answerWith(contentType: string, body: string | Buffer, headers = {}) {
    await setWebhook();
    chat().send('hi');
    (await network.next()).answer(200, {
      headers: { 'content-type': contentType, ...headers },
      body,
    });
    await settle();
  }

  it.each([
    ['JSON', 'application/json; charset=utf-8', JSON.stringify(sendMessage)],
    [
      'an urlencoded form',
      'application/x-www-form-urlencoded',
      'method=SENDmessage&chat_id=1&text=hello',
    ],
    [
      'multipart',
      'multipart/form-data; boundary=b',
      Object.entries(sendMessage)
        .map(
          ([name, value]) =>
            `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
        )
        .join('')
        .concat('--b--\r\n'),
    ],
  ])('is a method call when it is %s with a method', async (_, contentType, body) => {
    await answerWith(contentType, body);
    expect((await chat().nextMessage()).text).toBe('hello');
    expect(telegram.calls).toMatchObject([
      { method: 'sendMessage', via: 'webhook reply', answer: { ok: true } },
    ]);
  });

  it('may be compressed, as Telegram offers', async () => {
    const body = gzipSync(JSON.stringify(sendMessage));
    await answerWith('application/json', body, { 'content-encoding': 'gzip' });
    expect((await chat().nextMessage()).text).toBe('hello');
  });

  it.each(['setWebhook', 'deleteWebhook', 'DELETEWEBHOOK', 'close', 'logOut', 'getMe'])(
    'is no method call when the method is %s',
    async (method) => {
      await answerWith('application/json', JSON.stringify({ method }));
      expect(telegram.calls).toEqual([]);
      expect(telegram.webhook(bot.id)).toBeDefined();
    },
  );

  it.each([
    ['of another content type', 'text/plain', JSON.stringify(sendMessage)],
    ['without a method', 'application/json', JSON.stringify({ ...sendMessage, method: '' })],
    ['empty', 'application/json', ''],
  ])('is just an acknowledgement when it is %s', async (_, contentType, body) => {
    await answerWith(contentType, body);
    expect(telegram.calls).toEqual([]);
    expect(pending()).toBe(0);
  });

  it('is acknowledged though its call fails: the result is discarded', async () => {
    await answerWith('application/json', JSON.stringify({ ...sendMessage, text: '' }));
    expect(telegram.calls).toMatchObject([{ answer: { ok: false, error_code: 400 } }]);
    expect(pending()).toBe(0);
  });

  it('over 1 MiB is a failure', async () => {
    const text = 'x'.repeat(1024 * 1024);
    await answerWith('application/json', JSON.stringify({ ...sendMessage, text }));
    expect(pending()).toBe(1);
    expect(lastError()).toBe('Request Entity Too Large: too much parameters');
  });

  it('is not executed when it is no success', async () => {
    await setWebhook();
    chat().send('hi');
    (await network.next()).answer(500, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(sendMessage),
    });
    await settle();
    expect(telegram.calls).toEqual([]);
  });
});

describe('a report', () => {
  it('tells of each attempt, after the call that the answer asked for', async () => {
    const reports: unknown[] = [];
    telegram.onDelivery = ({ botId, update, problem }) => {
      reports.push([botId, update.message?.text, problem, telegram.calls.at(-1)?.answer?.ok]);
    };
    await setWebhook();
    deliver(messageIn(1, 'a'));
    (await network.next()).answer(500);
    (await network.next()).answer(200, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ method: 'sendMessage', chat_id: 1, text: '' }),
    });
    await settle();
    expect(reports).toEqual([
      [bot.id, 'a', 'Wrong response from the webhook: 500 Internal Server Error', undefined],
      [bot.id, 'a', undefined, false],
    ]);
  });
});

describe('many updates', () => {
  it('go out one at a time and in order in each of many chats, some failing', async () => {
    const chats = 500;
    const each = 10;
    const seen = new Map<number, number[]>();
    let failures = 0;
    network.automatic = ({ update, answer }) => {
      const id = update.message?.chat.id ?? 0;
      if (update.update_id % 7 === 0 && failures++ % 2 === 0) return answer(500);
      seen.set(id, [...(seen.get(id) ?? []), Number(update.message?.text)]);
      answer(200);
    };
    await setWebhook({ max_connections: '100' });
    for (let i = 0; i < each; i++) {
      for (let id = 1; id <= chats; id++) deliver(messageIn(id, String(i)));
    }
    while (pending() > 0) {
      await settle();
      await clock.advance(2000);
    }
    const inOrder = Array.from({ length: each }, (_, i) => i);
    expect(seen.size).toBe(chats);
    for (const texts of seen.values()) expect(texts).toEqual(inOrder);
    expect(failures).toBeGreaterThan(0);
  });
});
