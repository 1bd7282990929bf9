import { Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Code, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { beforeAll, describe, expect, it } from 'vitest';
import { TelegramBot } from '../../infra/constructs/telegram-bot.ts';
import { Delivery } from '../../infra/settings/delivery.ts';
import { entry } from '../fixtures.ts';
import { fakeToken } from '../sandbox/index.ts';
import {
  botStack,
  botTemplate,
  findFunction,
  functionAt,
  needs,
  onlyResource,
  tokenReaders,
  unbundledApp,
} from './synth.ts';

const receiver = 'Bot/Endpoint/Receiver';

describe('a bot with default settings', () => {
  let template: Template;
  beforeAll(() => {
    template = botTemplate();
  });

  it('has a single route, whose path comes from its identity', () => {
    template.resourceCountIs('AWS::ApiGatewayV2::Route', 1);
    const identity = onlyResource(template, 'Custom::TelegramBot').id;
    template.hasResourceProperties('AWS::ApiGatewayV2::Route', {
      RouteKey: { 'Fn::Join': ['', ['POST /', { 'Fn::GetAtt': [identity, 'WebhookPath'] }]] },
    });
  });

  it('gives the receiver the hash of the secret, but no path, secret or token', () => {
    const identity = onlyResource(template, 'Custom::TelegramBot').id;
    template.hasResource(
      'AWS::Lambda::Function',
      functionAt(receiver, {
        Environment: {
          Variables: {
            WEBHOOK_SECRET_SHA256: { 'Fn::GetAtt': [identity, 'WebhookSecretSha256'] },
            BOT_INFO: { 'Fn::GetAtt': [identity, 'BotInfo'] },
            BOT_TOKEN_SECRET: 'telegram/test/bot-token',
            TELEGRAM_API_ROOT: 'https://api.telegram.org',
          },
        },
      }),
    );
  });

  it('uses the secret path only in the route', () => {
    const resources: Record<string, { Type: string }> = template.toJSON().Resources;
    const holders = Object.values(resources).filter((resource) =>
      JSON.stringify(resource).includes('"WebhookPath"'),
    );
    expect(holders.map((resource) => resource.Type)).toEqual(['AWS::ApiGatewayV2::Route']);
  });

  it('writes access logs without path or route', () => {
    const { resource } = onlyResource(template, 'AWS::ApiGatewayV2::Stage');
    const { Format } = resource.Properties.AccessLogSettings as { Format: string };
    expect(Format).toContain('$context.requestId');
    expect(Format).not.toMatch(/path|routeKey/i);
  });

  it('throttles at the gateway', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      DefaultRouteSettings: { ThrottlingRateLimit: 200, ThrottlingBurstLimit: 200 },
    });
  });

  it('leaves X-Ray off', () => {
    template.hasResource(
      'AWS::Lambda::Function',
      functionAt(receiver, {
        TracingConfig: Match.absent(),
      }),
    );
  });

  it("leaves Lambda's own lines about each invocation out of the logs", () => {
    for (const path of [receiver, 'Registrar/Function']) {
      const LoggingConfig = { LogFormat: 'JSON', SystemLogLevel: 'WARN' };
      template.hasResource('AWS::Lambda::Function', functionAt(path, { LoggingConfig }));
    }
  });

  it('keeps every log for a month, in groups that are deleted with the stack', () => {
    template.allResources('AWS::Logs::LogGroup', {
      Properties: { RetentionInDays: 30 },
      DeletionPolicy: 'Delete',
    });
    template.allResourcesProperties('AWS::Lambda::Function', {
      LoggingConfig: { LogGroup: { Ref: Match.anyValue() } },
    });
  });

  it('registers the webhook with an explicit value for every setting', () => {
    template.hasResourceProperties('Custom::TelegramWebhook', {
      AllowedUpdates: [],
      MaxConnections: '40',
      IpAddress: Match.absent(),
      Certificate: Match.absent(),
      DropPendingUpdates: 'false',
      ExistingWebhook: 'replace',
    });
  });

  it('stamps identity and registration, so that every deploy updates both', () => {
    const stamp = Match.stringLikeRegexp('^\\d{4}-\\d\\d-\\d\\dT');
    template.hasResourceProperties('Custom::TelegramBot', { DeployStamp: stamp });
    template.hasResourceProperties('Custom::TelegramWebhook', { DeployStamp: stamp });
  });

  it('derives path and secret from the same address in identity and registration', () => {
    const identity = onlyResource(template, 'Custom::TelegramBot').resource;
    const registration = onlyResource(template, 'Custom::TelegramWebhook').resource;
    expect(identity.Properties.Address).toMatch(/^c8[0-9a-f]{40}$/);
    expect(registration.Properties.Address).toBe(identity.Properties.Address);
  });
});

describe('the order of creation', () => {
  it('registers the webhook after all but the schedule, and so unregisters it before them', () => {
    const template = botTemplate();
    const { id } = onlyResource(template, 'Custom::TelegramWebhook');
    const schedule = onlyResource(template, 'AWS::Scheduler::Schedule').id;
    expect(needs(template, schedule)).toContain(id);
    const others = Object.keys(template.toJSON().Resources).filter(
      (other) => other !== id && other !== schedule,
    );
    expect(needs(template, id)).toEqual(new Set(others));
  });

  it('lets another route of the API use what the registration returns', () => {
    const { stack, bot } = botStack();
    const { api } = bot.endpoint;
    const handler = new LambdaFunction(stack, 'Status', {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromInline('exports.handler = async () => process.env.REPLACED'),
      environment: { REPLACED: bot.registration.replacedHost },
    });
    const integration = new HttpLambdaIntegration('StatusIntegration', handler);
    api.addRoutes({ path: '/status', methods: [HttpMethod.GET], integration });
    const template = Template.fromStack(stack);
    const webhook = onlyResource(template, 'Custom::TelegramWebhook').id;
    const { id } = findFunction(template, 'Status');
    expect(needs(template, id)).toContain(webhook);
    expect(needs(template, webhook)).not.toContain(id);
  });

  it('identifies the bot before it creates the endpoint', () => {
    const template = botTemplate();
    const route = onlyResource(template, 'AWS::ApiGatewayV2::Route').id;
    expect(needs(template, route)).toContain(onlyResource(template, 'Custom::TelegramBot').id);
  });

  it('lets the registrar read the token until the webhook is unregistered', () => {
    const template = botTemplate();
    const needed = needs(template, onlyResource(template, 'Custom::TelegramWebhook').id);
    const [reader = ''] = tokenReaders(template).keys();
    expect(needed).toContain(reader);
    for (const type of ['Custom::TelegramBot', 'Custom::TelegramWebhook']) {
      const { TokenReader } = onlyResource(template, type).resource.Properties;
      expect(TokenReader).toEqual({ 'Fn::GetAtt': [reader, 'Arn'] });
    }
  });

  it('lets the registrar read the token of a bot that is removed from a stack with other bots', () => {
    const rights = (...bots: string[]) => {
      const stack = new Stack(unbundledApp(), 'Kit');
      for (const bot of bots) {
        const token = Secret.fromSecretNameV2(stack, `${bot}Token`, `telegram/${bot}/token`);
        new TelegramBot(stack, bot, { entry, token });
      }
      const template = Template.fromStack(stack);
      const policies = Object.entries(template.findResources('AWS::IAM::Policy'));
      return [
        ...policies.filter(([, { Properties }]) => /Registrar/.test(Properties.Roles[0].Ref)),
        ...tokenReaders(template),
      ];
    };
    // Nothing is changed in place, because that would come before the webhook is unregistered.
    expect(rights('First', 'Second')).toEqual(expect.arrayContaining(rights('First')));
  });
});

describe('settings', () => {
  it('passes the webhook settings to the registration', () => {
    botTemplate({
      allowedUpdates: ['message', 'chat_member'],
      maxConnections: 7,
      ipAddress: '149.154.167.220',
      dropPendingUpdates: true,
      existingWebhook: 'fail',
    }).hasResourceProperties('Custom::TelegramWebhook', {
      AllowedUpdates: ['message', 'chat_member'],
      MaxConnections: '7',
      IpAddress: '149.154.167.220',
      DropPendingUpdates: 'true',
      ExistingWebhook: 'fail',
    });
  });

  it('omits the deploy stamp with on-change, so that the template is reproducible', () => {
    const template = () => botTemplate({ reregister: 'on-change' }).toJSON();
    expect(JSON.stringify(template())).not.toContain('DeployStamp');
    expect(template()).toEqual(template());
  });

  it('points both registrar and receiver to a self-hosted Bot API server', () => {
    const template = botTemplate({ apiRoot: 'http://bot-api.internal:8081/' });
    const ApiRoot = 'http://bot-api.internal:8081';
    template.hasResourceProperties('Custom::TelegramBot', { ApiRoot });
    template.hasResourceProperties('Custom::TelegramWebhook', { ApiRoot });
    template.hasResource(
      'AWS::Lambda::Function',
      functionAt(receiver, {
        Environment: { Variables: { TELEGRAM_API_ROOT: ApiRoot } },
      }),
    );
  });

  it.each([
    ['direct', Delivery.direct(), receiver],
    ['queued', Delivery.queued(), 'Bot/Queue/Bot'],
  ])(
    "tells registrar and bot about Telegram's test environment, with %s delivery",
    (_, delivery, path) => {
      const template = botTemplate({ delivery, telegramEnvironment: 'test' });
      for (const type of ['Custom::TelegramBot', 'Custom::TelegramWebhook']) {
        template.hasResourceProperties(type, { TelegramEnvironment: 'test' });
      }
      const Variables = { TELEGRAM_ENVIRONMENT: 'test' };
      template.hasResource(
        'AWS::Lambda::Function',
        functionAt(path, { Environment: { Variables } }),
      );
    },
  );

  it("does not mention Telegram's own environment", () => {
    const template = botTemplate({ telegramEnvironment: 'prod' });
    expect(JSON.stringify(template.toJSON())).not.toMatch(/telegram_?environment/i);
  });

  it('configures the receiver, its logs and the gateway', () => {
    const template = botTemplate({
      memorySize: 512,
      timeout: Duration.seconds(5),
      environment: { GREETING: 'hello' },
      logRetention: RetentionDays.ONE_WEEK,
      tracing: Tracing.ACTIVE,
      throttle: { rateLimit: 1000, burstLimit: 500 },
    });
    template.hasResource(
      'AWS::Lambda::Function',
      functionAt(receiver, {
        MemorySize: 512,
        Timeout: 5,
        Environment: { Variables: { GREETING: 'hello' } },
        TracingConfig: { Mode: 'Active' },
      }),
    );
    template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 7 });
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      DefaultRouteSettings: { ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 500 },
    });
  });
});

describe('wrong values', () => {
  it.each([
    [{ timeout: Duration.seconds(30) }, 'timeout must be 1 to 29 whole seconds'],
    [{ timeout: Duration.millis(1500) }, 'got 1.5 s'],
    [{ memorySize: 64 }, 'memorySize must be 128 to 10240 MiB, got 64'],
    [
      { reregister: 'never' as 'on-change' },
      'reregister must be one of every-deploy, on-change; got never',
    ],
    [
      { apiRoot: 'https://api.telegram.org/test' },
      "got /test: for a bot of Telegram's test environment, omit it and set telegramEnvironment to 'test'",
    ],
    [{ apiRoot: 'https://api.telegram.org/test/' }, "set telegramEnvironment to 'test'"],
    [
      { telegramEnvironment: 'staging' as 'test' },
      'telegramEnvironment must be one of prod, test; got staging',
    ],
    [{ apiRoot: 'api.telegram.org' }, 'apiRoot must be an http or https URL'],
    [
      { apiRoot: 'https://user:pass@example.org' },
      'apiRoot must be an http or https URL without credentials',
    ],
    [{ environment: { BOT_INFO: 'x' } }, 'environment must not set BOT_INFO'],
    [{ throttle: { rateLimit: 0 } }, 'throttle.rateLimit must be at least 1, got 0'],
  ])('rejects %j at synth', (settings, message) => {
    expect(() => botStack(settings)).toThrow(message);
  });

  it('rejects a token in place of a secret without showing it', () => {
    const stack = new Stack(unbundledApp(), 'Kit');
    const token = fakeToken() as unknown as ISecret;
    const attempt = () => new TelegramBot(stack, 'Bot', { entry, token });
    expect(attempt).toThrow('token of Kit/Bot must be a secret in Secrets Manager');
    expect(attempt).not.toThrow(fakeToken());
  });
});

describe('warnings', () => {
  it.each([
    [
      { apiRoot: 'http://bot-api.internal:8081' },
      'apiRoot http://bot-api.internal:8081 uses plain http',
    ],
    [{ ipAddress: '149.154.167.220' }, 'Telegram will always connect to 149.154.167.220'],
  ])('warns about the risky settings %j', (settings, message) => {
    const { stack } = botStack(settings);
    Annotations.fromStack(stack).hasWarning('/Kit/Bot', Match.stringLikeRegexp(message));
  });

  it('warns about nothing with default settings', () => {
    Annotations.fromStack(botStack().stack).hasNoWarning('*', Match.anyValue());
  });
});

describe('several bots', () => {
  const secret = (stack: Stack, name: string) =>
    Secret.fromSecretNameV2(stack, `Token-${name.replaceAll('/', '-')}`, name);

  it('shares only the registrar between the bots of a stack', () => {
    const stack = new Stack(unbundledApp(), 'Kit');
    new TelegramBot(stack, 'First', { entry, token: secret(stack, 'first') });
    new TelegramBot(stack, 'Second', { entry, token: secret(stack, 'second') });
    const template = Template.fromStack(stack);
    template.resourceCountIs('Custom::TelegramWebhook', 2);
    template.resourceCountIs('AWS::ApiGatewayV2::Api', 2);
    // Two receivers, the registrar and its framework.
    template.resourceCountIs('AWS::Lambda::Function', 4);
  });

  it('allows bots in two stacks of one app', () => {
    const app = unbundledApp();
    for (const name of ['first', 'second']) {
      const stack = new Stack(app, name);
      new TelegramBot(stack, 'Bot', { entry, token: secret(stack, name) });
    }
    expect(() => app.synth()).not.toThrow();
  });

  it.each([
    ['by the same name', (stack: Stack) => secret(stack, 'shared')],
    [
      'by name and by ARN',
      (stack: Stack) =>
        Secret.fromSecretCompleteArn(
          stack,
          'ByArn',
          'arn:aws:secretsmanager:eu-central-1:123456789012:secret:shared-AbCdEf',
        ),
    ],
  ])('refuses a token secret that another bot uses, imported %s', (_, again) => {
    const app = unbundledApp();
    const env = { account: '123456789012', region: 'eu-central-1' };
    const first = new Stack(app, 'First', { env });
    const second = new Stack(app, 'Second', { env });
    new TelegramBot(first, 'Bot', { entry, token: secret(first, 'shared') });
    expect(() => new TelegramBot(second, 'Bot', { entry, token: again(second) })).toThrow(
      'Second/Bot and First/Bot use the same token secret shared',
    );
  });

  it('refuses a stack in which another construct has the id of the registrar', () => {
    const stack = new Stack(unbundledApp(), 'Kit');
    new Stack(stack, 'Registrar');
    const attempt = () => new TelegramBot(stack, 'Bot', { entry, token: secret(stack, 'first') });
    expect(attempt).toThrow('Kit/Registrar has the id that the kit');
  });

  it('allows secrets of the same name in two regions', () => {
    const app = unbundledApp();
    for (const region of ['eu-central-1', 'us-east-1']) {
      const stack = new Stack(app, region, { env: { account: '123456789012', region } });
      new TelegramBot(stack, 'Bot', { entry, token: secret(stack, 'bot-token') });
    }
  });
});
