import { Stack } from 'aws-cdk-lib';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { TelegramBot } from '../../infra/constructs/telegram-bot.ts';
import {
  Endpoint,
  type EndpointDomain,
  type HttpApiOptions,
} from '../../infra/settings/endpoint.ts';
import { entry } from '../fixtures.ts';
import { type TestBotProps, unbundledApp } from './synth.ts';

/** Returns a domain whose certificate and hosted zone exist outside the app. */
export function exampleDomain(scope: Stack, name = 'bot.example.com'): EndpointDomain {
  const arn = 'arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555';
  const zone = { hostedZoneId: 'Z0FAKE', zoneName: 'example.com' };
  return {
    name,
    certificate: Certificate.fromCertificateArn(scope, `${name}Certificate`, arn),
    hostedZone: HostedZone.fromHostedZoneAttributes(scope, `${name}Zone`, zone),
  };
}

/** Every kind of endpoint, declared in a stack. */
export const endpointKinds: Readonly<Record<string, (stack: Stack) => Endpoint>> = {
  'an API of its own': () => Endpoint.httpApi(),
  'an API of its own with a base path': () => Endpoint.httpApi({ basePath: 'bots/sales' }),
  'a domain': (stack) => Endpoint.httpApi({ domain: exampleDomain(stack) }),
  'a domain with a base path': (stack) =>
    Endpoint.httpApi({ domain: exampleDomain(stack), basePath: 'bots/sales' }),
  'a shared API': (stack) => Endpoint.httpApi({ api: new HttpApi(stack, 'Shared') }),
  'an imported API': (stack) => Endpoint.httpApi({ api: importedApi(stack), basePath: 'bots' }),
  'a Function URL': () => Endpoint.functionUrl(),
  'a proxy': () => Endpoint.of({ origin: 'https://bot.example.com:8443/hook' }),
  'a proxy before a Function URL': () =>
    Endpoint.of({ origin: 'https://bot.example.com', behind: Endpoint.functionUrl() }),
};

export function importedApi(scope: Stack): HttpApiOptions['api'] {
  const apiEndpoint = 'https://imported1.execute-api.us-east-1.amazonaws.com';
  return HttpApi.fromHttpApiAttributes(scope, 'Imported', { httpApiId: 'imported1', apiEndpoint });
}

/** Creates a stack with one bot at the endpoint, which may be declared in that stack. */
export function botAt(
  endpoint: (stack: Stack) => Endpoint,
  settings: TestBotProps = {},
): { stack: Stack; bot: TelegramBot } {
  const stack = new Stack(unbundledApp(), 'Kit');
  return { stack, bot: addTelegramBot(stack, 'Bot', { ...settings, endpoint: endpoint(stack) }) };
}

export function addTelegramBot(stack: Stack, id: string, settings: TestBotProps): TelegramBot {
  const token = Secret.fromSecretNameV2(stack, `${id}Token`, `telegram/test/${id}-token`);
  return new TelegramBot(stack, id, { entry, ...settings, token });
}
