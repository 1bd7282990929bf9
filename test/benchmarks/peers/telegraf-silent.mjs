import { Telegraf } from 'telegraf';

const { BOT_TOKEN, BOT_INFO, WEBHOOK_SECRET } = process.env;
const bot = new Telegraf(BOT_TOKEN);
bot.botInfo = JSON.parse(BOT_INFO);
bot.on('text', () => {});

export const handler = async ({ headers, body }) => {
  if (headers['x-telegram-bot-api-secret-token'] !== WEBHOOK_SECRET) return { statusCode: 401 };
  await bot.handleUpdate(JSON.parse(body));
  return { statusCode: 200 };
};
