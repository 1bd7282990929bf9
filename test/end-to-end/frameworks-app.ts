/** An app with a bot and a table of its sessions. */
import { App } from 'aws-cdk-lib';
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { readContext } from '../../infra/context.ts';
import { Delivery } from '../../infra/settings/delivery.ts';
import { TelegramBotStack } from '../../infra/telegram-bot-stack.ts';

const app = new App();
const { botTokenSecret, delivery } = readContext(app);
const stack = new TelegramBotStack(app, 'Kit', {
  botTokenSecret,
  bot: {
    entry: app.node.tryGetContext('entry'),
    delivery: delivery === 'queued' ? Delivery.queued() : Delivery.direct(),
  },
});
const table = new TableV2(stack, 'Sessions', {
  partitionKey: { name: 'chat', type: AttributeType.STRING },
});
table.grantReadWriteData(stack.bot.bot);
stack.bot.bot.addEnvironment('TABLE_NAME', table.tableName);
