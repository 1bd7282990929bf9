import { App } from 'aws-cdk-lib';
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { TelegramBotStack } from '../../infra/telegram-bot-stack.ts';

const app = new App();
const stack = new TelegramBotStack(app, 'TelegramBot-dev', {
  botTokenSecret: 'telegram/dev/bot-token',
  bot: { entry: 'test/recipes/table.ts' },
});

const table = new TableV2(stack, 'Chats', {
  partitionKey: { name: 'chat', type: AttributeType.STRING },
});
table.grantReadWriteData(stack.bot.bot);
stack.bot.bot.addEnvironment('TABLE_NAME', table.tableName);
