/** The app of `app-stacks.test.ts`: bots in a stage, in a nested stack and with a stack's own name. */
import { App, CfnOutput, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { TelegramBot } from '../../../../infra/constructs/telegram-bot.ts';
import { entry } from '../../../fixtures.ts';

const app = new App();
if (app.node.tryGetContext('stage') === 'broken') throw new Error('Context stage is broken');

function addBot(stack: Stack, id: string): void {
  const token = Secret.fromSecretNameV2(stack, `${id}Token`, `telegram/${stack.stackName}/${id}`);
  new TelegramBot(stack, id, { entry, token });
}

new CfnOutput(new Stack(app, 'WithoutBot'), 'Nothing', { value: 'nothing' });

const renamed = new Stack(app, 'Shop', { stackName: `shop-${app.node.tryGetContext('stage')}` });
addBot(renamed, 'Sales');
addBot(renamed, 'Support');

const stage = new Stage(app, 'Europe', {
  env: { account: '111122223333', region: 'eu-central-1' },
});
const parent = new Stack(stage, 'Parent');
addBot(new NestedStack(parent, 'Nested'), 'Bot');
