import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { expect, it } from 'vitest';
import { TelegramBot } from '../../infra/constructs/telegram-bot.ts';
import { entry } from '../fixtures.ts';
import { botStack, botTemplate, onlyResource, unbundledApp } from './synth.ts';

const incarnation = { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] };

/** Returns the logical id of the access log's group, and the parts of its name. */
function accessLogOf(template: Template): { id: string; name: unknown[] } {
  const { resource } = onlyResource(template, 'AWS::ApiGatewayV2::Stage');
  const { DestinationArn } = resource.Properties.AccessLogSettings as {
    DestinationArn: { 'Fn::GetAtt': [string, string] };
  };
  const [id] = DestinationArn['Fn::GetAtt'];
  const { LogGroupName } = template.findResources('AWS::Logs::LogGroup')[id]?.Properties ?? {};
  return { id, name: LogGroupName['Fn::Join'][1] };
}

it('gives the access log a name for which AWS adds no entry to the account-wide policy', () => {
  const { name } = accessLogOf(botTemplate());
  expect(name[0]).toMatch(/^\/aws\/vendedlogs\/Kit\/\w+\/$/);
});

it('gives the access log of a stack that is created again another name', () => {
  expect(accessLogOf(botTemplate()).name[1]).toEqual(incarnation);
});

it('gives the access log another name whenever it is another resource', () => {
  const { stack, bot } = botStack();
  const group = bot.endpoint.accessLogGroup.node.defaultChild as CfnLogGroup;
  group.overrideLogicalId('Renamed');
  expect(accessLogOf(Template.fromStack(stack))).toEqual({
    id: 'Renamed',
    name: ['/aws/vendedlogs/Kit/Renamed/', incarnation],
  });
});

it('keeps the name of the access log within the limit of CloudWatch Logs', () => {
  const stack = new Stack(unbundledApp(), 'S'.repeat(128));
  const scopes = Array.from({ length: 5 }, (_, index) => `Scope${index}${'x'.repeat(60)}`);
  const scope = scopes.reduce<Construct>((parent, id) => new Construct(parent, id), stack);
  const token = Secret.fromSecretNameV2(stack, 'Token', 'telegram/test/bot-token');
  new TelegramBot(scope, 'B'.repeat(60), { entry, token });
  const [fixed] = accessLogOf(Template.fromStack(stack)).name;
  const uuid = '12345678-1234-1234-1234-123456789012';
  expect(String(fixed).length).toBeGreaterThan(350);
  expect(String(fixed).length + uuid.length).toBeLessThanOrEqual(512);
});
