import { App } from 'aws-cdk-lib';
import { readContext } from '../../../../infra/context.ts';
import { TelegramBotStack } from '../../../../infra/telegram-bot-stack.ts';
import { entry } from '../../../fixtures.ts';

const app = new App();
const { stage, botTokenSecret, telegramApiRoot, telegramEnvironment } = readContext(app);
new TelegramBotStack(app, `TelegramBot-${stage}`, {
  botTokenSecret,
  bot: { entry, apiRoot: telegramApiRoot, telegramEnvironment },
});
