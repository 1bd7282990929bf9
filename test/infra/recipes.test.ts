import { Template } from 'aws-cdk-lib/assertions';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { expect, it } from 'vitest';
import { Delivery } from '../../infra/settings/delivery.ts';
import { botStack, findFunction, functionAt } from './synth.ts';

it.each([
  ['direct', Delivery.direct(), 'Bot/Endpoint/Receiver'],
  ['queued', Delivery.queued(), 'Bot/Queue/Bot'],
])('the recipe for scheduled messages invokes the bot with %s delivery', (_, delivery, path) => {
  const { stack, bot } = botStack({ delivery });
  new Rule(stack, 'GoodMorning', {
    schedule: Schedule.cron({ hour: '7', minute: '0' }),
    targets: [new LambdaFunction(bot.bot)],
  });
  const template = Template.fromStack(stack);
  template.hasResource('AWS::Lambda::Function', functionAt(path));
  const Arn = { 'Fn::GetAtt': [findFunction(template, path).id, 'Arn'] };
  template.hasResourceProperties('AWS::Events::Rule', { Targets: [{ Arn }] });
  const permissions = template.findResources('AWS::Lambda::Permission', {
    Properties: { FunctionName: Arn, Principal: 'events.amazonaws.com' },
  });
  expect(Object.keys(permissions)).toHaveLength(1);
});
