/** The app of `start.test.ts`: the same as an unedited `infra/app.ts`, but with a bot of the tests, and a second one on request. */
import { App } from 'aws-cdk-lib';
import { readContext } from '../../infra/context.ts';
import { Delivery } from '../../infra/settings/delivery.ts';
import { TelegramBotStack } from '../../infra/telegram-bot-stack.ts';

const app = new App();
const { stage, botTokenSecret, delivery } = readContext(app);

new TelegramBotStack(app, `TelegramBot-${stage}`, {
  botTokenSecret,
  bot: {
    entry: app.node.tryGetContext('entry') ?? 'test/bots/echo.ts',
    delivery: delivery === 'queued' ? Delivery.queued() : Delivery.direct(),
  },
});
if (app.node.tryGetContext('second') === 'true') {
  new TelegramBotStack(app, 'Second', {
    botTokenSecret: 'telegram/second/bot-token',
    bot: { entry: 'test/bots/says-its-name.ts' },
  });
}
