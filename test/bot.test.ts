import type { Update } from '@grammyjs/types';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { delivery, httpApiEvent, message, SECRET_SHA256 } from './harness.ts';

/** The bot as Lambda runs it: an event in, an answer out. */
let handler: typeof import('../functions/bot.ts').handler;

beforeAll(async () => {
  vi.stubEnv('WEBHOOK_SECRET_SHA256', SECRET_SHA256);
  ({ handler } = await import('../functions/bot.ts'));
});
afterAll(() => vi.unstubAllEnvs());

async function reply(update: Update): Promise<unknown> {
  const { statusCode, body } = await handler(httpApiEvent(delivery(update)));
  expect(statusCode).toBe(200);
  return body && JSON.parse(body);
}

describe('the bot', () => {
  it.each(['/start', '/start from-a-link', '/start@fake_bot'])(
    'answers %s by name, with a button to press',
    async (text) => {
      expect(await reply(message(text))).toEqual({
        method: 'sendMessage',
        chat_id: 42,
        text: 'Hello, Ada! Send me something and I will say it back.',
        reply_markup: { inline_keyboard: [[{ text: 'Or press me', callback_data: 'hello' }]] },
      });
    },
  );

  it.each(['Hi', 'Grüße 👋', 'how do I /start?', '/started', '<b>not bold</b>'])(
    'says back %j as it is',
    async (text) => {
      expect(await reply(message(text))).toEqual({ method: 'sendMessage', chat_id: 42, text });
    },
  );

  it('answers the press of its button', async () => {
    const press = { id: 'press-1', from: { id: 42, is_bot: false, first_name: 'Ada' } };
    const update = {
      update_id: 1,
      callback_query: { ...press, chat_instance: '1', data: 'hello' },
    };
    expect(await reply(update)).toEqual({
      method: 'answerCallbackQuery',
      callback_query_id: 'press-1',
      text: 'That tickles!',
    });
  });

  it.each([
    ['a message without text', { ...message('').message, text: undefined }],
    ['a message of a kind it does not know', undefined],
  ])('acknowledges %s without a word', async (_, photo) => {
    const update = photo ? { update_id: 1, message: photo } : { update_id: 1, brand_new: {} };
    expect(await reply(update as Update)).toBeUndefined();
  });
});
