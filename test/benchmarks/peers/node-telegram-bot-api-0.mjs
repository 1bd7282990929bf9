import TelegramBot from 'node-telegram-bot-api-0';

const { BOT_TOKEN, TELEGRAM_API_ROOT, WEBHOOK_SECRET } = process.env;
const bot = new TelegramBot(BOT_TOKEN, { baseApiUrl: TELEGRAM_API_ROOT });

export const handler = async ({ headers, body }) => {
  if (headers['x-telegram-bot-api-secret-token'] !== WEBHOOK_SECRET) return { statusCode: 401 };
  const { message } = JSON.parse(body);
  await bot.sendMessage(message.chat.id, message.text);
  return { statusCode: 200 };
};
