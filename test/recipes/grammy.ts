import { Bot } from 'grammy';
import { apiRoot, botInfo, botToken, once, receive } from '../../functions/receiver/index.ts';

const bot = once(async () => {
  const client = { apiRoot: apiRoot() };
  const bot = new Bot(await botToken(), { botInfo: botInfo(), client });
  bot.on('message:text', (ctx) => ctx.reply(ctx.message.text));
  return bot;
});

export const handler = receive(async (update) => (await bot()).handleUpdate(update));
