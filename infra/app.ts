import { App } from 'aws-cdk-lib';
import { readContext } from './context.ts';
import { Delivery } from './settings/delivery.ts';
import { TelegramBotStack } from './telegram-bot-stack.ts';

const app = new App();
const { stage, botTokenSecret, delivery, telegramApiRoot, telegramEnvironment } = readContext(app);

new TelegramBotStack(app, `TelegramBot-${stage}`, {
  description: `Telegram bot, ${stage}`,
  botTokenSecret,
  bot: {
    apiRoot: telegramApiRoot,
    telegramEnvironment,
    delivery: delivery === 'queued' ? Delivery.queued() : Delivery.direct(),
    // Your bot's settings: `TelegramBotProps` documents them, infra/README.md lists them.
  },
});
