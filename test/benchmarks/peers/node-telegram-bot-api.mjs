// Its webhookCallback takes a `Request`, which Lambda does not have, so this calls what is behind it.
import { Bot } from 'node-telegram-bot-api';

const { BOT_TOKEN, TELEGRAM_API_ROOT, WEBHOOK_SECRET } = process.env;
const bot = new Bot(BOT_TOKEN, { apiRoot: TELEGRAM_API_ROOT });
bot.on('message', (ctx) => ctx.reply(ctx.message.text));
bot.catch((error) => {
  throw error;
});

export const handler = async ({ headers, body }) => {
  if (headers['x-telegram-bot-api-secret-token'] !== WEBHOOK_SECRET) return { statusCode: 401 };
  await bot.handleUpdate(JSON.parse(body));
  return { statusCode: 200 };
};
