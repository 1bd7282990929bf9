import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BotChat, chatWith } from './chat/chat-with.ts';

let chat: BotChat;
beforeAll(async () => {
  chat = await chatWith(() => import('../functions/bot.ts'));
});
afterAll(() => chat.close());

describe('the bot', () => {
  it.each(['/start', '/start from-a-link', '/start@test_bot'])(
    'answers %s by name, with a button to press',
    async (text) => {
      expect(await chat.say(text)).toMatchObject([
        {
          text: 'Hello, Ada! Send me something and I will say it back.',
          reply_markup: { inline_keyboard: [[{ text: 'Or press me', callback_data: 'hello' }]] },
        },
      ]);
    },
  );

  it.each(['Hi', 'Grüße 👋', 'how do I /start?', '/started', '<b>not bold</b>'])(
    'says back %j as it is',
    async (text) => {
      expect(await chat.say(text)).toMatchObject([{ text }]);
    },
  );

  it('answers the press of its button', async () => {
    await chat.say('/start');
    const { answer } = await chat.press('Or press me');
    expect(answer).toMatchObject({ text: 'That tickles!' });
  });
});
