/**
 * The app of the tests of `npm start`: the same as an unedited `infra/app.ts`, but with a bot of the tests, and on request
 * with a secret, with a second bot, with fewer attempts behind a queue, or in a stack of one's own.
 */
import { App, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { TelegramBot } from '../../infra/constructs/telegram-bot.ts';
import { readContext } from '../../infra/context.ts';
import { Delivery } from '../../infra/settings/delivery.ts';
import { TelegramBotStack } from '../../infra/telegram-bot-stack.ts';

const app = new App();
const { stage, botTokenSecret, delivery, telegramApiRoot } = readContext(app);
const context = (key: string) => app.node.tryGetContext(key);
const bot = {
  entry: context('entry') ?? 'test/bots/echo.ts',
  apiRoot: telegramApiRoot,
  delivery:
    delivery === 'queued'
      ? Delivery.queued({ maxAttempts: Number(context('attempts') ?? 8) })
      : Delivery.direct(),
};

if (context('own') === 'true') {
  const stack = new Stack(app, 'Mine');
  const token = Secret.fromSecretNameV2(stack, 'Token', botTokenSecret);
  new TelegramBot(stack, 'Support', { ...bot, token });
} else {
  const stack = new TelegramBotStack(app, `TelegramBot-${stage}`, { botTokenSecret, bot });
  const secret = context('secret');
  if (secret) Secret.fromSecretNameV2(stack, 'Secret', secret).grantRead(stack.bot.bot);
}
if (context('second') === 'true') {
  new TelegramBotStack(app, 'Second', {
    botTokenSecret: 'telegram/second/bot-token',
    bot: { entry: 'test/bots/says-its-name.ts' },
  });
}
