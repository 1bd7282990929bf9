import { Bot, webhookCallback } from 'grammy';

const { BOT_TOKEN, BOT_INFO, TELEGRAM_API_ROOT, WEBHOOK_SECRET } = process.env;
const bot = new Bot(BOT_TOKEN, {
  botInfo: JSON.parse(BOT_INFO),
  client: { apiRoot: TELEGRAM_API_ROOT },
});
bot.on('message:text', (ctx) => ctx.reply(ctx.message.text));

export const handler = webhookCallback(bot, 'aws-lambda-async', { secretToken: WEBHOOK_SECRET });
