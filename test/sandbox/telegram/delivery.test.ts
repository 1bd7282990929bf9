import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../clock.ts';
import { DeliveryStage, messageIn, WEBHOOK_URL } from './fixtures.ts';

const HOUR = 3_600_000;

let stage: DeliveryStage;
beforeEach(async () => {
  stage = await DeliveryStage.open();
});
afterEach(() => stage.close());

describe('a delivery', () => {
  it("is a POST to the webhook with exactly Telegram's headers", async () => {
    await stage.setWebhook({ secret_token: 'S' });
    stage.deliver(messageIn(1, 'ö'));
    const { url, options, update } = await stage.network.next();
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

  it('has no secret header without a secret, and names an unusual port', async () => {
    await stage.setWebhook({ url: 'https://bot.example.com:8443/' });
    stage.deliver(messageIn(1, 'a'));
    const { url, options } = await stage.network.next();
    expect(url.port).toBe('8443');
    expect(options.headers).not.toHaveProperty('X-Telegram-Bot-Api-Secret-Token');
    expect(options.headers.Host).toBe('bot.example.com:8443');
  });

  it('trusts the uploaded certificate, or the usual authorities without one', async () => {
    const certificate = Buffer.from('PEM');
    await stage.setWebhook({}, certificate);
    stage.deliver(messageIn(1, 'a'));
    const first = await stage.network.next();
    expect(first.options.ca).toEqual(certificate);
    first.answer(200);
    await stage.setWebhook();
    stage.deliver(messageIn(1, 'b'));
    expect((await stage.network.next()).options.ca).toBeUndefined();
  });

  it.each([200, 201, 204, 299])('succeeds with status %i', async (status) => {
    await stage.setWebhook();
    stage.deliver(messageIn(1, 'a'));
    (await stage.network.next()).answer(status);
    await settle();
    expect(stage.pending()).toBe(0);
    expect(stage.lastError()).toBeUndefined();
  });

  it.each([
    [302, 'Found'],
    [400, 'Bad Request'],
    [401, 'Unauthorized'],
    [500, 'Internal Server Error'],
  ])('fails with status %i and reports it', async (status, reason) => {
    await stage.setWebhook();
    stage.deliver(messageIn(1, 'a'));
    (await stage.network.next()).answer(status, { headers: { location: 'https://elsewhere' } });
    await settle();
    expect(stage.pending()).toBe(1);
    expect(stage.lastError()).toBe(`Wrong response from the webhook: ${status} ${reason}`);
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
  ])('fails on %s and reports "%s"', async (code, message) => {
    await stage.setWebhook();
    stage.deliver(messageIn(1, 'a'));
    (await stage.network.next()).fail(code);
    await settle();
    expect(stage.lastError()).toBe(message);
  });

  it('times out after 60 seconds in all, and starts again', async () => {
    await stage.setWebhook();
    const id = stage.deliver(messageIn(1, 'a'));
    await stage.network.next();
    await stage.clock.advance(59_999);
    expect(await stage.network.nothingMore()).toBe(true);
    expect(stage.lastError()).toBeUndefined();
    await stage.clock.advance(1);
    expect((await stage.network.next()).update.update_id).toBe(id);
    expect(stage.lastError()).toBe('Read timeout expired');
  });

  it('leaves its error and date visible after a later success', async () => {
    await stage.setWebhook();
    stage.deliver(messageIn(1, 'a'));
    const date = Math.floor(stage.clock.now() / 1000);
    (await stage.network.next()).answer(500);
    (await stage.network.next()).answer(200);
    await settle();
    await stage.clock.advance(10_000);
    expect(stage.bot.webhook.info()).toMatchObject({
      pending_update_count: 0,
      last_error_date: date,
      last_error_message: 'Wrong response from the webhook: 500 Internal Server Error',
    });
  });
});

describe('the reply to a delivery', () => {
  const chat = () => stage.telegram.chat(stage.bot.id, { id: 1, firstName: 'Ada' });
  const sendMessage = { method: 'sendMessage', chat_id: 1, text: 'hello' };

  async function answerWith(contentType: string, body: string | Buffer, headers = {}) {
    await stage.setWebhook();
    chat().send('hi');
    (await stage.network.next()).answer(200, {
      headers: { 'content-type': contentType, ...headers },
      body,
    });
    await settle();
  }

  it.each([
    ['JSON', 'application/json; charset=utf-8', JSON.stringify(sendMessage)],
    [
      'a urlencoded form',
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
  ])('is executed as a method call when it is %s with a method', async (_, contentType, body) => {
    await answerWith(contentType, body);
    expect((await chat().nextMessage()).text).toBe('hello');
    expect(stage.telegram.calls).toMatchObject([
      { method: 'sendMessage', via: 'webhook reply', answer: { ok: true } },
    ]);
  });

  it('may be compressed, as Telegram offers in Accept-Encoding', async () => {
    const body = gzipSync(JSON.stringify(sendMessage));
    await answerWith('application/json', body, { 'content-encoding': 'gzip' });
    expect((await chat().nextMessage()).text).toBe('hello');
  });

  it.each(['setWebhook', 'deleteWebhook', 'DELETEWEBHOOK', 'close', 'logOut', 'getMe'])(
    'is not executed when the method is %s',
    async (method) => {
      await answerWith('application/json', JSON.stringify({ method }));
      expect(stage.telegram.calls).toEqual([]);
      expect(stage.telegram.webhook(stage.bot.id)).toBeDefined();
    },
  );

  it.each([
    ['of another content type', 'text/plain', JSON.stringify(sendMessage)],
    ['without a method', 'application/json', JSON.stringify({ ...sendMessage, method: '' })],
    ['empty', 'application/json', ''],
  ])('only acknowledges the update when it is %s', async (_, contentType, body) => {
    await answerWith(contentType, body);
    expect(stage.telegram.calls).toEqual([]);
    expect(stage.pending()).toBe(0);
  });

  it('acknowledges the update even when its call fails: the result is discarded', async () => {
    await answerWith('application/json', JSON.stringify({ ...sendMessage, text: '' }));
    expect(stage.telegram.calls).toMatchObject([{ answer: { ok: false, error_code: 400 } }]);
    expect(stage.pending()).toBe(0);
  });

  it('fails the delivery when it exceeds 1 MiB', async () => {
    const text = 'x'.repeat(1024 * 1024);
    await answerWith('application/json', JSON.stringify({ ...sendMessage, text }));
    expect(stage.pending()).toBe(1);
    expect(stage.lastError()).toBe('Request Entity Too Large: too many parameters');
  });

  it('is not executed when its status is not 2xx', async () => {
    await stage.setWebhook();
    chat().send('hi');
    (await stage.network.next()).answer(500, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(sendMessage),
    });
    await settle();
    expect(stage.telegram.calls).toEqual([]);
  });
});

describe('a delivery report', () => {
  it('is made after each attempt, once the call in the reply has been executed', async () => {
    const reports: unknown[] = [];
    stage.telegram.attempted.listen(({ botId, update, problem }) => {
      reports.push([botId, update.message?.text, problem, stage.telegram.calls.at(-1)?.answer?.ok]);
    });
    await stage.setWebhook();
    stage.deliver(messageIn(1, 'a'));
    (await stage.network.next()).answer(500);
    (await stage.network.next()).answer(200, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ method: 'sendMessage', chat_id: 1, text: '' }),
    });
    await settle();
    expect(reports).toEqual([
      [stage.bot.id, 'a', 'Wrong response from the webhook: 500 Internal Server Error', undefined],
      [stage.bot.id, 'a', undefined, false],
    ]);
  });
});

describe('an endpoint that answers 410', () => {
  async function answerAll(status: number, hours: number) {
    const end = stage.clock.now() + hours * HOUR;
    stage.network.automatic = (arrival) =>
      arrival.answer(status, { headers: { 'retry-after': '3600' } });
    for (const arrival of stage.network.arrivals.splice(0)) stage.network.automatic(arrival);
    while (stage.clock.now() < end) {
      await settle();
      await stage.clock.advance(HOUR);
    }
    await settle();
  }

  it('loses its webhook after more than 23 hours, but not before', async () => {
    await stage.setWebhook();
    stage.deliver(messageIn(1, 'a'));
    await answerAll(410, 23);
    expect(stage.telegram.webhook(stage.bot.id)).toBeDefined();
    stage.deliver(messageIn(2, 'b'));
    await answerAll(410, 1);
    expect(stage.telegram.webhook(stage.bot.id)).toBeUndefined();
  });

  it('keeps its webhook when it gave another answer in between', async () => {
    await stage.setWebhook();
    stage.deliver(messageIn(1, 'a'));
    await answerAll(410, 22);
    stage.deliver(messageIn(2, 'b'));
    await answerAll(503, 1);
    stage.deliver(messageIn(3, 'c'));
    await answerAll(410, 2);
    expect(stage.telegram.webhook(stage.bot.id)).toBeDefined();
  });
});
