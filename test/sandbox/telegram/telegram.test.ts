import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../clock.ts';
import { fakeToken } from './fake-token.ts';
import { messageIn, TelegramFixture, WEBHOOK_HOST } from './fixtures.ts';

let stage: TelegramFixture;
beforeEach(async () => {
  stage = await TelegramFixture.open();
});
afterEach(() => stage.close());

describe('Telegram', () => {
  it('delivers over HTTP/1.1 and executes the reply, end to end', async () => {
    const seen: { headers: string[]; version: string; body: string }[] = [];
    stage.network.serve(WEBHOOK_HOST, async (request: IncomingMessage, response) => {
      const { rawHeaders: headers, httpVersion: version } = request;
      seen.push({ headers, version, body: await text(request) });
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ method: 'sendMessage', chat_id: 42, text: 'pong' }));
    });
    await stage.setWebhook({ secret_token: 'S' });
    const chat = stage.telegram.chat(stage.bot.id, { id: 42, firstName: 'Ada' });
    chat.send('ping');
    expect((await chat.nextMessage()).text).toBe('pong');
    const [delivery] = seen;
    expect(delivery?.version).toBe('1.1');
    expect(JSON.parse(delivery?.body ?? '')).toMatchObject({ message: { text: 'ping' } });
    expect(delivery?.headers).toEqual([
      ...['Host', WEBHOOK_HOST],
      ...['X-Telegram-Bot-Api-Secret-Token', 'S'],
      ...['Content-Type', 'application/json'],
      ...['Content-Length', String(delivery?.body.length)],
      ...['Connection', 'keep-alive'],
      ...['Accept-Encoding', 'gzip, deflate'],
    ]);
  });

  it('creates only updates that the bot has asked for', async () => {
    const reaction = {
      message_reaction_count: { ...messageIn(1, 'a').message, reactions: [] },
    } as never;
    expect(stage.telegram.deliver(stage.bot.id, reaction)).toBeUndefined();
    expect(stage.telegram.deliver(stage.bot.id, messageIn(1, 'a'))).toBeDefined();
    stage.network.serve(WEBHOOK_HOST, (_, response) => response.writeHead(500).end());
    await stage.setWebhook({ allowed_updates: ['message_reaction_count'] });
    expect(stage.telegram.deliver(stage.bot.id, messageIn(1, 'b'))).toBeUndefined();
    expect(stage.telegram.deliver(stage.bot.id, reaction)).toBeDefined();
    // The update that was created before stays.
    expect(stage.bot.pending.size).toBe(2);
  });

  it('keeps bots apart', async () => {
    const other = stage.telegram.createBot({
      token: fakeToken(7000000002),
      username: 'other_bot',
      firstName: 'Other',
    });
    stage.network.serve(WEBHOOK_HOST, (_, response) => response.writeHead(500).end());
    await stage.setWebhook();
    other.chatWith({ id: 42, firstName: 'Ada' }).send('to the other');
    expect((await stage.call('getWebhookInfo', {}, other.token)).answer).toMatchObject({
      result: { url: '', pending_update_count: 1 },
    });
    expect((await stage.info()).pending_update_count).toBe(0);
    expect((await stage.call('sendMessage', { chat_id: 42, text: 'a' })).status).toBe(400);
  });

  it('refuses a second bot with the same id', () => {
    const twin = { token: fakeToken(7000000001, 'y'), username: 'twin_bot', firstName: 'Twin' };
    expect(() => stage.telegram.createBot(twin)).toThrow('Bot 7000000001 already exists');
  });

  it('rejects the id of a bot that was never created', () => {
    expect(() => stage.telegram.webhook(1)).toThrow('There is no bot 1');
  });
});

describe('a new token', () => {
  const next = fakeToken(7000000001, 'y');
  beforeEach(async () => {
    stage.network.serve(WEBHOOK_HOST, (_, response) => response.writeHead(500).end());
    await stage.setWebhook({ allowed_updates: ['message'] });
    stage.telegram.deliver(stage.bot.id, messageIn(1, 'a'));
    stage.telegram.rotateToken(stage.bot.id, next);
  });

  it('revokes the old token', async () => {
    expect((await stage.call('getMe')).status).toBe(401);
    expect((await stage.call('getMe', {}, next)).status).toBe(200);
  });

  it('has no webhook and no choice of updates, but keeps pending updates', async () => {
    expect((await stage.call('getWebhookInfo', {}, next)).answer).toEqual({
      ok: true,
      result: { url: '', has_custom_certificate: false, pending_update_count: 1 },
    });
    await settle();
    expect(stage.clock.sleeping).toBe(0);
  });

  it('must belong to the same bot', () => {
    expect(() => stage.telegram.rotateToken(stage.bot.id, fakeToken(7000000002))).toThrow(
      'The token of bot 7000000001 must begin with its id',
    );
  });
});

describe('closing', () => {
  it('aborts deliveries and leaves no timer waiting', async () => {
    let reached = () => {};
    const hanging = new Promise<void>((resolve) => {
      reached = resolve;
    });
    stage.network.serve(WEBHOOK_HOST, (_, response) => {
      reached();
      void once(response, 'close');
    });
    await stage.setWebhook();
    stage.telegram.deliver(stage.bot.id, messageIn(1, 'a'));
    await hanging;
    expect(stage.clock.sleeping).toBe(1);
    await stage.telegram.close();
    expect(stage.clock.sleeping).toBe(0);
    expect(stage.network.knows('api.telegram.org')).toBe(false);
  });
});
