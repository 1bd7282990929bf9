import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Download } from './bot-api.ts';
import { SMALL_FILE } from './call-forwarder.ts';
import { fakeToken } from './fake-token.ts';
import { messageIn, TelegramFixture, WEBHOOK_HOST, WEBHOOK_URL } from './fixtures.ts';

let stage: TelegramFixture;
beforeEach(async () => {
  stage = await TelegramFixture.open();
});
afterEach(() => stage.close());

const ME = { ok: true, result: { id: 7000000001, is_bot: true, username: 'kit_bot' } };

describe('the Bot API over HTTP', () => {
  it.each(['GET', 'POST'])('answers %s requests', async (method) => {
    const { status, headers, answer } = await stage.request(`/bot${stage.token}/getMe`, { method });
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json');
    expect(answer).toMatchObject(ME);
  });

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])(
    'refuses %s requests with 501 and an empty body',
    async (method) => {
      const { status, body } = await stage.request(`/bot${stage.token}/getMe`, { method });
      expect([status, body.length]).toEqual([501, 0]);
    },
  );

  it('accepts method names in any case', async () => {
    expect((await stage.call('GETme')).answer).toMatchObject(ME);
  });

  it('takes the method from the parameters when the path has none', async () => {
    expect((await stage.call('?method=getMe')).answer).toMatchObject(ME);
  });

  it('ignores unknown parameters', async () => {
    expect((await stage.call('getMe', { nonsense: 1 })).answer).toMatchObject(ME);
  });

  it.each([
    ['of an unknown bot', fakeToken(7000000002)],
    ["with the bot's id and another secret", fakeToken(7000000001, 'y')],
  ])('answers 401 to a well-formed token %s', async (_, token) => {
    const { status, answer } = await stage.call('getMe', {}, token);
    expect(status).toBe(401);
    expect(answer).toEqual({ ok: false, error_code: 401, description: 'Unauthorized' });
  });

  it.each(['', 'nonsense', '0123:FAKE', `7:${'x'.repeat(90)}`, '99999999999999999999:FAKE'])(
    'answers 404 to the malformed token "%s"',
    async (token) => {
      const { status, answer } = await stage.call('getMe', {}, token);
      expect(status).toBe(404);
      expect(answer).toEqual({ ok: false, error_code: 404, description: 'Not Found' });
    },
  );

  it.each(['/', '/getMe', `/bot${fakeToken()}`, `/file/bot${fakeToken()}/x`])(
    'answers 404 to a path that names no method of a bot',
    async (path) => {
      expect((await stage.request(path)).answer).toMatchObject({ description: 'Not Found' });
    },
  );

  it('answers 404 to a method that Telegram does not have', async () => {
    const { status, answer } = await stage.call('sendNothing');
    expect(status).toBe(404);
    expect(answer).toMatchObject({ description: 'Not Found: method not found' });
  });

  it('answers 501 to a method that Telegram has and the sandbox does not emulate', async () => {
    const { status, answer } = await stage.call('sendchecklist');
    expect(status).toBe(501);
    expect(answer).toMatchObject({
      error_code: 501,
      description: 'Not Implemented: the sandbox does not emulate sendChecklist',
    });
  });

  it('refuses more than 1 MiB of parameters with 413 and an empty body', async () => {
    const { status, body } = await stage.call('getMe', { text: 'x'.repeat(1024 * 1024) });
    expect([status, body.length]).toEqual([413, 0]);
  });
});

describe('the record of calls', () => {
  it('holds the method, parameters, files and answer of each call', async () => {
    const certificate = Buffer.from([1, 2, 3]);
    await stage.upload('setwebhook', { url: WEBHOOK_URL, certificate });
    const [call] = stage.telegram.calls;
    expect(call).toMatchObject({ botId: stage.bot.id, method: 'setWebhook', via: 'http' });
    expect(call?.parameters.text('url')).toBe(WEBHOOK_URL);
    expect(call?.parameters.file('certificate')).toEqual(certificate);
    expect(call?.answer).toMatchObject({ ok: false, error_code: 400 });
  });

  it('includes calls with a bad token, but not the token itself', async () => {
    const stranger = fakeToken(7000000002);
    await stage.call('getMe', {}, stranger);
    expect(stage.telegram.calls).toMatchObject([{ botId: undefined, answer: { error_code: 401 } }]);
    expect(JSON.stringify(stage.telegram.calls)).not.toContain(stranger);
  });
});

describe('an answer from elsewhere', () => {
  it("takes the place of Telegram's, with the token and in webhook replies", async () => {
    stage.network.serve(WEBHOOK_HOST, (_, response) => {
      response.setHeader('content-type', 'application/json');
      response.end('{"method":"leaveChat","chat_id":5}');
    });
    await stage.setWebhook();
    stage.telegram.answerInstead = ({ method }) =>
      method === 'leaveChat' ? { ok: true, result: 'left' } : undefined;
    const { status, answer } = await stage.call('leaveChat', { chat_id: 5 });
    expect([status, answer]).toEqual([200, { ok: true, result: 'left' }]);
    const attempted = new Promise((resolve) => stage.telegram.attempted.listen(resolve));
    stage.telegram.deliver(stage.bot.id, messageIn(5, 'go'));
    await attempted;
    expect(stage.telegram.calls.at(-1)).toMatchObject({
      via: 'webhook reply',
      answer: { ok: true, result: 'left' },
    });
    expect((await stage.call('getMe')).answer).toMatchObject(ME);
  });

  it('is the content of a file that Telegram does not have', async () => {
    const content = Buffer.from('picture');
    const downloads: Download[] = [];
    stage.telegram.downloaded.listen((download) => downloads.push(download));
    stage.telegram.fileInstead = (path) => (path === 'photos/file_0.jpg' ? content : undefined);
    const get = (token: string, path: string) => stage.request(`/file/bot${token}/${path}`);
    expect(await get(stage.token, 'photos/file_0.jpg')).toMatchObject({
      status: 200,
      body: content,
    });
    expect(await get(stage.token, 'photos/file_1.jpg')).toMatchObject({ status: 404 });
    expect(await get(fakeToken(7000000002), 'photos/file_0.jpg')).toMatchObject({ status: 404 });
    expect(downloads).toEqual([{ botId: stage.bot.id, path: 'photos/file_0.jpg', content }]);
  });

  it('is not reported for a large file', async () => {
    let downloads = 0;
    stage.telegram.downloaded.listen(() => downloads++);
    stage.telegram.fileInstead = (path) => Buffer.alloc(SMALL_FILE + Number(path));
    for (const path of ['0', '1']) await stage.request(`/file/bot${stage.token}/${path}`);
    expect(downloads).toBe(1);
  });
});

describe('a fault', () => {
  const remove = () => stage.call('deleteWebhook');
  beforeEach(async () => {
    stage.network.serve(WEBHOOK_HOST, (_, response) => response.end());
    await stage.setWebhook();
  });
  const hasWebhook = () => stage.telegram.webhook(stage.bot.id) !== undefined;

  it('applies only to the calls that the test picks', async () => {
    stage.telegram.intercept = ({ method }) =>
      method === 'deleteWebhook' ? { kind: 'answer', status: 500 } : undefined;
    expect((await stage.call('getMe')).status).toBe(200);
    expect((await remove()).status).toBe(500);
  });

  it.each([false, true])("replaces Telegram's answer (acted: %s)", async (acted) => {
    const headers = { 'content-type': 'text/html' };
    const body = '<h1>Bad Gateway</h1>';
    stage.telegram.intercept = () => ({ kind: 'answer', status: 502, headers, body, acted });
    const response = await remove();
    expect(response).toMatchObject({ status: 502, headers, body: Buffer.from(body) });
    expect(hasWebhook()).toBe(!acted);
  });

  it.each([false, true])('breaks the connection (acted: %s)', async (acted) => {
    stage.telegram.intercept = () => ({ kind: 'reset', acted });
    await expect(remove()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(hasWebhook()).toBe(!acted);
  });

  it('cuts the answer short', async () => {
    stage.telegram.intercept = () => ({ kind: 'cut' });
    await expect(remove()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(hasWebhook()).toBe(false);
  });

  it('sends the answer one byte at a time', async () => {
    stage.telegram.intercept = () => ({ kind: 'trickle', everyMs: 1000 });
    let answered = false;
    const answer = remove().finally(() => {
      answered = true;
    });
    while (!answered) await stage.clock.advance(1000);
    expect((await answer).answer).toMatchObject({ description: 'Webhook was deleted' });
  });

  it('leaves the caller without an answer until Telegram is closed', async () => {
    stage.telegram.intercept = () => ({ kind: 'hang', acted: true });
    const answer = remove().catch((error: NodeJS.ErrnoException) => error.code);
    while (hasWebhook()) await new Promise((resolve) => setImmediate(resolve));
    await stage.telegram.close();
    expect(await answer).toBe('ECONNRESET');
  });
});
