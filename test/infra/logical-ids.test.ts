import { Template } from 'aws-cdk-lib/assertions';
import { expect, it } from 'vitest';
import { Delivery } from '../../infra/settings/delivery.ts';
import { TelegramBotStack } from '../../infra/telegram-bot-stack.ts';
import { entry } from '../fixtures.ts';
import { unbundledApp } from './synth.ts';

/** A changed logical id replaces a deployed resource. Change this list only for that purpose. */
const direct = [
  'BotIdentityReadstelegramdevbottoken32ca8089D91EA528',
  'BotIdentity0FB87BC5',
  'BotEndpointReceiverLoggingLogGroupFC7BE5FE',
  'BotEndpointReceiverLoggingRoleA5DBD126',
  'BotEndpointReceiverD0E40778',
  'BotEndpointApiBA65FE38',
  'BotEndpointAccessLog200AE299',
  'BotEndpointStage86EECE40',
  'BotEndpointRouteIntegrationCED5DB45',
  'BotEndpointRouteApiPermissionApiScopedTelegramBotdevBotEndpointReceiver97417FEDTelegramBotdevBotEndpointApi08EB2A50AF40BEAB',
  'BotEndpointRoute4FBBCDF4',
  'BotRegistration541C9316',
  'WebhookWatch5MinutesScheduleF853D2C3',
  'RegistrarFunctionEventInvokeConfig550E3A8D',
  'RegistrarScheduleInvoker11CDD42E',
  'RegistrarScheduleInvokerDefaultPolicy852E11CD',
  'RegistrarFunctionLoggingLogGroup5962ABD2',
  'RegistrarFunctionLoggingRole037D3207',
  'RegistrarFunctionLoggingRoleDefaultPolicy731BADF0',
  'RegistrarFunction39ADB1E4',
  'RegistrarFrameworkLoggingLogGroup3FD6AE8B',
  'RegistrarFrameworkLoggingRoleCF4B7277',
  'RegistrarFrameworkLoggingRoleDefaultPolicy52853531',
  'RegistrarProviderframeworkonEventA823E73C',
];

const queued = [
  'BotQueueDeadLetters1F5D7490',
  'BotQueueDeadLettersPolicy927E4D96',
  'BotQueueUpdates4629C17E',
  'BotQueueUpdatesPolicy41F69598',
  'BotQueueBotLoggingLogGroup4508219F',
  'BotQueueBotLoggingRoleCC6A728E',
  'BotQueueBotLoggingRoleDefaultPolicy16030DEF',
  'BotQueueBot4E98B729',
  'BotQueueSourceD3F52DBF',
  'BotQueueInvokesBotPolicyTelegramBotdevBotQueueInvokesBot1080347A7D5DF163',
  'BotQueueReadiness4A835B8D',
];

it.each([
  ['direct', Delivery.direct(), direct],
  ['queued', Delivery.queued(), [...direct, ...queued]],
])('keeps the logical ids of a stack with %s delivery', (_, delivery, ids) => {
  const stack = new TelegramBotStack(unbundledApp(), 'TelegramBot-dev', {
    botTokenSecret: 'telegram/dev/bot-token',
    bot: { entry, delivery },
  });
  const { Resources } = Template.fromStack(stack).toJSON();
  expect(Object.keys(Resources).sort()).toEqual([...ids].sort());
});
