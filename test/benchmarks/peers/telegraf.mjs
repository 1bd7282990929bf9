// As Telegraf documents it for Lambda: https://github.com/feathers-studio/telegraf-docs (examples/functions/aws-lambda).
// With `botInfo`, it needs no getMe; and it replies in the response to the webhook.
import http from 'serverless-http';
import { Telegraf } from 'telegraf';

const { BOT_TOKEN, BOT_INFO, TELEGRAM_API_ROOT, WEBHOOK_SECRET } = process.env;
const bot = new Telegraf(BOT_TOKEN, { telegram: { apiRoot: TELEGRAM_API_ROOT } });
bot.botInfo = JSON.parse(BOT_INFO);
bot.on('text', (ctx) => ctx.reply(ctx.message.text));

export const handler = http(bot.webhookCallback('/webhook', { secretToken: WEBHOOK_SECRET }));
