import { type App, Stack, Validations } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Delivery } from '../../infra/settings/delivery.ts';
import { Endpoint } from '../../infra/settings/endpoint.ts';
import { longestChain, secondsOf } from './deploy-chain.ts';
import { addTelegramBot, botAt, endpointKinds, exampleDomain } from './endpoint-kinds.ts';
import { findFunction, needs, onlyResource, type Resource, unbundledApp } from './synth.ts';

const deliveries = { direct: Delivery.direct(), queued: Delivery.queued() };

function endpointOf(template: Template): unknown {
  return onlyResource(template, 'Custom::TelegramWebhook').resource.Properties.Endpoint;
}

function routeKeyOf(template: Template): string {
  const { RouteKey } = onlyResource(template, 'AWS::ApiGatewayV2::Route').resource.Properties;
  const { 'Fn::Join': parts } = RouteKey as { 'Fn::Join': [string, [string, object]] };
  expect(parts[1][1]).toEqual({ 'Fn::GetAtt': [expect.any(String), 'WebhookPath'] });
  return `${parts[1][0]}<secret path>`;
}

describe.each(Object.entries(endpointKinds))('%s', (_, kind) => {
  afterEach(() => vi.unstubAllEnvs());

  it.each(Object.entries(deliveries))(
    'is there before the webhook, with %s delivery',
    (_delivery, delivery) => {
      const template = Template.fromStack(botAt(kind, { delivery }).stack);
      const { id } = onlyResource(template, 'Custom::TelegramWebhook');
      const schedule = onlyResource(template, 'AWS::Scheduler::Schedule').id;
      const others = Object.keys(template.toJSON().Resources).filter(
        (other) => other !== id && other !== schedule,
      );
      expect(needs(template, id)).toEqual(new Set(others));
    },
  );

  it.each(Object.entries(deliveries))('passes cdk-nag, with %s delivery', (_delivery, delivery) => {
    const { stack } = botAt(kind, { delivery });
    const shared = stack.node.tryFindChild('Shared');
    for (const id of ['APIG1', 'APIG4']) {
      const reason = 'This API belongs to the test.';
      if (shared) Validations.of(shared).acknowledge({ id: `AwsSolutions-${id}`, reason });
    }
    const app = stack.node.root as App;
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    vi.stubEnv('CDK_VALIDATION', undefined);
    expect(() => app.synth()).not.toThrow();
  });

  it('shows the secret path to its route, and nowhere else', () => {
    const { Resources } = Template.fromStack(botAt(kind).stack).toJSON();
    const holders = Object.values(Resources as Record<string, Resource>).filter((resource) =>
      JSON.stringify(resource).includes('"WebhookPath"'),
    );
    for (const { Type } of holders) expect(Type).toBe('AWS::ApiGatewayV2::Route');
  });

  it('is what the watch checks', () => {
    const template = Template.fromStack(botAt(kind).stack);
    const { resource } = onlyResource(template, 'AWS::Scheduler::Schedule');
    const input = JSON.stringify(resource.Properties);
    const endpoint = endpointOf(template);
    const text = typeof endpoint === 'string' ? endpoint : referenceIn(endpoint);
    expect(input).toContain(text);
  });
});

/** Returns the attribute that a value of the deploy is made of, as JSON. */
function referenceIn(value: unknown): string {
  const [attribute] = /{"Fn::GetAtt":\[[^\]]*\]}/.exec(JSON.stringify(value)) ?? [];
  if (attribute === undefined) throw new Error(`no attribute in ${JSON.stringify(value)}`);
  return attribute;
}

describe('a change of the endpoint', () => {
  /** The properties of which a change creates another resource beside the old one. */
  const replacing: Readonly<Record<string, readonly string[]>> = {
    'AWS::ApiGatewayV2::Api': [],
    'AWS::ApiGatewayV2::ApiMapping': ['DomainName'],
    'AWS::ApiGatewayV2::DomainName': ['DomainName'],
    'AWS::ApiGatewayV2::Integration': ['ApiId'],
    'AWS::ApiGatewayV2::Route': ['ApiId'],
    'AWS::ApiGatewayV2::Stage': ['ApiId', 'StageName'],
    'AWS::Lambda::Permission': ['Action', 'FunctionName', 'Principal', 'SourceArn'],
    'AWS::Lambda::Url': ['TargetFunctionArn'],
    'AWS::Route53::RecordSet': ['HostedZoneId', 'Name'],
  };
  const kinds = Object.entries({
    ...endpointKinds,
    'another domain': (stack: Stack) =>
      Endpoint.httpApi({ domain: exampleDomain(stack, 'other.example.com') }),
  });
  const templates = kinds.map(([name, kind]) => {
    const template = Template.fromStack(botAt(kind, { reregister: 'on-change' }).stack).toJSON();
    return { name, resources: template.Resources as Record<string, Resource> };
  });
  const pairs = templates.flatMap((from) =>
    templates.filter((to) => to !== from).map((to) => ({ from, to })),
  );

  it.each(pairs)('leaves $from.name working until Telegram has $to.name', ({ from, to }) => {
    for (const [id, { Type, Properties }] of Object.entries(from.resources)) {
      const next = to.resources[id];
      const replacements = replacing[Type];
      if (!next || !replacements) continue;
      const isReplaced = replacements.some(
        (name) => JSON.stringify(next.Properties[name]) !== JSON.stringify(Properties[name]),
      );
      if (!isReplaced) expect(next.Properties, id).toEqual(Properties);
    }
  });

  it.each(pairs)('keeps the receiver between $from.name and $to.name', ({ from, to }) => {
    const receivers = [from, to].map(({ resources }) =>
      Object.keys(resources).filter((id) => resources[id]?.Type === 'AWS::Lambda::Function'),
    );
    expect(receivers[0]).toEqual(receivers[1]);
  });
});

describe('an API of its own', () => {
  it('has its base path in the route', () => {
    const template = Template.fromStack(
      botAt(() => Endpoint.httpApi({ basePath: 'bots/sales' })).stack,
    );
    expect(routeKeyOf(template)).toBe('POST /bots/sales/<secret path>');
    const api = onlyResource(template, 'AWS::ApiGatewayV2::Api').id;
    expect(endpointOf(template)).toEqual({
      'Fn::Join': ['', [{ 'Fn::GetAtt': [api, 'ApiEndpoint'] }, '/bots/sales']],
    });
  });
});

describe('a domain', () => {
  const { stack, bot } = botAt((scope) =>
    Endpoint.httpApi({ domain: exampleDomain(scope), basePath: 'bots/sales' }),
  );
  const template = Template.fromStack(stack);

  it('is in the URL of the webhook, with the key of the mapping', () => {
    expect(endpointOf(template)).toBe('https://bot.example.com/bots/sales');
    expect(routeKeyOf(template)).toBe('POST /<secret path>');
    template.hasResourceProperties('AWS::ApiGatewayV2::ApiMapping', {
      ApiMappingKey: 'bots/sales',
      DomainName: { Ref: onlyResource(template, 'AWS::ApiGatewayV2::DomainName').id },
      Stage: '$default',
    });
  });

  it('needs no key of a mapping', () => {
    const plain = botAt((scope) => Endpoint.httpApi({ domain: exampleDomain(scope) }));
    const ApiMappingKey = Match.absent();
    const properties = { ApiMappingKey };
    Template.fromStack(plain.stack).hasResourceProperties(
      'AWS::ApiGatewayV2::ApiMapping',
      properties,
    );
    expect(plain.bot.endpoint.url).toBe('https://bot.example.com');
  });

  it('is the only way to the API', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Api', { DisableExecuteApiEndpoint: true });
  });

  it('has an alias record for IPv4', () => {
    const name = onlyResource(template, 'AWS::ApiGatewayV2::DomainName').id;
    template.resourceCountIs('AWS::Route53::RecordSet', 1);
    template.hasResourceProperties('AWS::Route53::RecordSet', {
      Type: 'A',
      Name: 'bot.example.com.',
      AliasTarget: { DNSName: { 'Fn::GetAtt': [name, 'RegionalDomainName'] } },
    });
  });

  it('is a field of the endpoint', () => {
    const { domainName, host, origin, url, api } = bot.endpoint;
    expect(host).toBe('bot.example.com');
    expect(origin).toBe('https://bot.example.com');
    expect(url).toBe('https://bot.example.com/bots/sales');
    expect(domainName?.name).toBeDefined();
    expect(api).toBeInstanceOf(HttpApi);
  });

  it('is the domain of one bot', () => {
    const domains = new Stack(unbundledApp(), 'Kit');
    const domain = exampleDomain(domains);
    addTelegramBot(domains, 'Sales', { endpoint: Endpoint.httpApi({ domain, basePath: 'sales' }) });
    expect(() =>
      addTelegramBot(domains, 'Support', {
        endpoint: Endpoint.httpApi({ domain, basePath: 'support' }),
      }),
    ).toThrow(
      'Kit/Support/Endpoint/Domain and Kit/Sales/Endpoint/Domain both create the domain bot.example.com: give each',
    );
    const other = Endpoint.httpApi({ domain: exampleDomain(domains, 'support.example.com') });
    expect(() => addTelegramBot(domains, 'Other', { endpoint: other })).not.toThrow();
  });

  describe('that two stacks create', () => {
    /** Creates a bot with the domain in two stacks, in these regions, and returns the warnings about the second. */
    function warningsIn(first?: string, second?: string): string[] {
      const app = unbundledApp();
      const [, other] = Object.entries({ First: first, Second: second }).map(([id, region]) => {
        // Also in two accounts: API Gateway has a name once in a region.
        const env =
          region === undefined ? undefined : { account: `12345678901${id.length}`, region };
        const owner = new Stack(app, id, { env });
        const domain = { ...exampleDomain(owner), certificate: certificateIn(owner, region) };
        addTelegramBot(owner, 'Bot', { endpoint: Endpoint.httpApi({ domain }) });
        return owner;
      });
      const path = '/Second/Bot/Endpoint/Domain';
      const found = Annotations.fromStack(other as Stack).findWarning(path, Match.anyValue());
      return found.map(({ entry }) => String(entry.data));
    }

    function certificateIn(scope: Stack, region = 'us-east-1') {
      const arn = `arn:aws:acm:${region}:123456789012:certificate/1`;
      return Certificate.fromCertificateArn(scope, 'Certificate', arn);
    }

    it('is refused in one region', () => {
      expect(() => warningsIn('us-east-1', 'us-east-1')).toThrow(
        'Second/Bot/Endpoint/Domain and First/Bot/Endpoint/Domain both create the domain bot.example.com: give each',
      );
    });

    it('is fine in two regions', () => {
      expect(warningsIn('us-east-1', 'eu-central-1')).toEqual([]);
    });

    it.each([
      [undefined, undefined],
      ['us-east-1', undefined],
    ])('is warned about when a region is known only during the deploy', (first, second) => {
      expect(warningsIn(first, second)).toEqual([
        expect.stringContaining(
          'both create the domain bot.example.com, and the second deploy fails if both stacks are in the same region: ' +
            'give them envs of two regions, or give each bot a domain of its own',
        ),
      ]);
    });
  });

  it('must have a certificate in the region of the stack, if both are known', () => {
    const env = { account: '123456789012', region: 'eu-central-1' };
    const foreign = new Stack(unbundledApp(), 'Foreign', { env });
    const arn = `arn:aws:acm:us-east-1:123456789012:certificate/${'1'.repeat(8)}`;
    const certificate = Certificate.fromCertificateArn(foreign, 'Certificate', arn);
    const domain = { name: 'bot.example.com', certificate };
    expect(() =>
      addTelegramBot(foreign, 'Bot', { endpoint: Endpoint.httpApi({ domain }) }),
    ).toThrow(
      "domain.certificate must be in the stack's region eu-central-1, got one in us-east-1",
    );
  });
});

describe('a Function URL', () => {
  it.each(Object.entries(deliveries))(
    'needs both permissions, and no API, with %s delivery',
    (_, delivery) => {
      const { stack, bot } = botAt(() => Endpoint.functionUrl(), { delivery });
      const template = Template.fromStack(stack);
      const receiver = findFunction(template, 'Bot/Endpoint/Receiver').id;
      const FunctionName = { 'Fn::GetAtt': [receiver, 'Arn'] };
      template.resourceCountIs('AWS::ApiGatewayV2::Api', 0);
      template.hasResourceProperties('AWS::Lambda::Url', {
        AuthType: 'NONE',
        InvokeMode: 'BUFFERED',
        TargetFunctionArn: FunctionName,
      });
      const permissions = Object.values(template.findResources('AWS::Lambda::Permission'));
      expect(permissions.map(({ Properties }) => Properties)).toEqual([
        {
          Action: 'lambda:InvokeFunctionUrl',
          FunctionName,
          FunctionUrlAuthType: 'NONE',
          Principal: '*',
        },
        {
          Action: 'lambda:InvokeFunction',
          FunctionName,
          InvokedViaFunctionUrl: true,
          Principal: '*',
        },
      ]);
      expect(bot.endpoint.functionUrl).toBeDefined();
    },
  );

  it.each(Object.entries(deliveries))(
    'gives the path to no function but the receiver, and only its hash, with %s delivery',
    (_, delivery) => {
      const template = Template.fromStack(botAt(() => Endpoint.functionUrl(), { delivery }).stack);
      const identity = onlyResource(template, 'Custom::TelegramBot').id;
      const holders = Object.entries(template.findResources('AWS::Lambda::Function')).filter(
        ([, { Properties }]) => Properties.Environment?.Variables.WEBHOOK_PATH_SHA256,
      );
      expect(holders.map(([id]) => id)).toEqual([
        findFunction(template, 'Bot/Endpoint/Receiver').id,
      ]);
      expect(holders[0]?.[1].Properties.Environment.Variables.WEBHOOK_PATH_SHA256).toEqual({
        'Fn::GetAtt': [identity, 'WebhookPathSha256'],
      });
    },
  );

  it('is in the URL of the webhook, without the slash at its end', () => {
    const template = Template.fromStack(botAt(() => Endpoint.functionUrl()).stack);
    const url = onlyResource(template, 'AWS::Lambda::Url').id;
    const parts = { 'Fn::Split': ['/', { 'Fn::GetAtt': [url, 'FunctionUrl'] }] };
    expect(endpointOf(template)).toEqual({
      'Fn::Join': ['', ['https://', { 'Fn::Select': [2, parts] }]],
    });
  });

  it('has no API, stage, route or access log, and says so', () => {
    const { endpoint } = botAt(() => Endpoint.functionUrl()).bot;
    expect(() => endpoint.api).toThrow('Kit/Bot/Endpoint has no api: it uses a Function URL');
    expect(() => endpoint.stage).toThrow('has no stage: it uses a Function URL');
    expect(() => endpoint.route).toThrow('has no route: it uses a Function URL');
    expect(() => endpoint.accessLogGroup).toThrow('has no accessLogGroup: it uses a Function URL');
  });
});

it('checks no path behind a route', () => {
  const template = Template.fromStack(botAt(() => Endpoint.httpApi()).stack);
  expect(JSON.stringify(template.toJSON())).not.toMatch(/PATH_SHA256|PathSha256/);
});

describe('a proxy', () => {
  it('is in the URL of the webhook, in place of the endpoint behind it', () => {
    const origin = 'https://bot.example.com:8443/hook/';
    const { stack, bot } = botAt(() => Endpoint.of({ origin }));
    const template = Template.fromStack(stack);
    expect(endpointOf(template)).toBe('https://bot.example.com:8443/hook');
    expect(routeKeyOf(template)).toBe('POST /<secret path>');
    expect(bot.endpoint.host).toBe('bot.example.com:8443');
    expect(stack.resolve(bot.endpoint.gateway.url)).toEqual(
      stack.resolve(bot.endpoint.api.apiEndpoint),
    );
  });

  it('has a target, which the registrar gets as well', () => {
    const behind = Endpoint.httpApi({ basePath: 'hook' });
    const { stack, bot } = botAt(() => Endpoint.of({ origin: 'https://bot.example.com', behind }));
    const template = Template.fromStack(stack);
    const api = onlyResource(template, 'AWS::ApiGatewayV2::Api').id;
    const target = { 'Fn::Join': ['', [{ 'Fn::GetAtt': [api, 'ApiEndpoint'] }, '/hook']] };
    expect(stack.resolve(bot.endpoint.proxyTarget)).toEqual(target);
    template.hasResourceProperties('Custom::TelegramWebhook', { Behind: target });
  });

  it('is not declared by a bot without one', () => {
    const { stack, bot } = botAt(() => Endpoint.functionUrl());
    expect(bot.endpoint.proxyTarget).toBeUndefined();
    Template.fromStack(stack).hasResourceProperties('Custom::TelegramWebhook', {
      Behind: Match.absent(),
    });
  });
});

describe('the first deploy', () => {
  it.each([
    ['an API of its own', 60],
    ['a domain', 85],
    ['a shared API', 60],
    ['a Function URL', 60],
  ])(
    'of a bot at %s takes at most %i seconds, if each resource takes its assumed time',
    (name, seconds) => {
      const kind = endpointKinds[name] as (stack: Stack) => Endpoint;
      const chain = longestChain(Template.fromStack(botAt(kind).stack));
      const steps = chain.map(({ id, done }) => `${done} ${id}`).join('\n');
      expect(secondsOf(chain), steps).toBeLessThanOrEqual(seconds);
    },
  );
});
