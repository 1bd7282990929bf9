import { Bot, webhookCallback } from 'grammy';

const { BOT_TOKEN, BOT_INFO, WEBHOOK_SECRET } = process.env;
const bot = new Bot(BOT_TOKEN, { botInfo: JSON.parse(BOT_INFO) });
bot.on('message:text', () => {});

export const handler = webhookCallback(bot, 'aws-lambda-async', { secretToken: WEBHOOK_SECRET });
