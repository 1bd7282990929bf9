import { Telegraf } from 'telegraf';
import { apiRoot, botInfo, botToken, once, receive } from '../../functions/receiver/index.ts';

const bot = once(async () => {
  const bot = new Telegraf(await botToken(), { telegram: { apiRoot: apiRoot() } });
  bot.botInfo = botInfo();
  bot.on('text', (ctx) => ctx.reply(ctx.message.text));
  return bot;
});

// Telegraf has types of its own for the same updates.
type TelegrafUpdate = Parameters<Telegraf['handleUpdate']>[0];

export const handler = receive(async (update) =>
  (await bot()).handleUpdate(update as TelegrafUpdate),
);
