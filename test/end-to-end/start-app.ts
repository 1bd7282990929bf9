/**
 * The app of `start.test.ts`: the same as an unedited `infra/app.ts`, but with a bot of the tests, and on request with
 * a secret and a second bot.
 */
import { App } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { readContext } from '../../infra/context.ts';
import { Delivery } from '../../infra/settings/delivery.ts';
import { TelegramBotStack } from '../../infra/telegram-bot-stack.ts';

const app = new App();
const { stage, botTokenSecret, delivery } = readContext(app);

const { bot } = new TelegramBotStack(app, `TelegramBot-${stage}`, {
  botTokenSecret,
  bot: {
    entry: app.node.tryGetContext('entry') ?? 'test/bots/echo.ts',
    delivery: delivery === 'queued' ? Delivery.queued() : Delivery.direct(),
  },
});
const secret = app.node.tryGetContext('secret');
if (secret) Secret.fromSecretNameV2(bot, 'Secret', secret).grantRead(bot.bot);
if (app.node.tryGetContext('second') === 'true') {
  new TelegramBotStack(app, 'Second', {
    botTokenSecret: 'telegram/second/bot-token',
    bot: { entry: 'test/bots/says-its-name.ts' },
  });
}
