import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type CfnStage, HttpApi, HttpMethod, HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpUrlIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { describe, expect, it } from 'vitest';
import { Endpoint } from '../../infra/settings/endpoint.ts';
import { addTelegramBot, botAt, importedApi } from './endpoint-kinds.ts';
import { needs, onlyResource, type Resource, unbundledApp } from './synth.ts';

/** Returns a template with bots on one API. */
function templateOf(...bots: string[]): Template {
  const stack = new Stack(unbundledApp(), 'Kit');
  const endpoint = Endpoint.httpApi({ api: new HttpApi(stack, 'Shared') });
  for (const bot of bots) addTelegramBot(stack, bot, { endpoint, reregister: 'on-change' });
  return Template.fromStack(stack);
}

function idOf(template: Template, type: string, bot: string): string {
  const ids = Object.keys(template.findResources(type));
  return ids.find((id) => id.startsWith(`${bot}Endpoint`)) ?? '';
}

describe('several bots on one API', () => {
  const bots = ['First', 'Second', 'Third'];
  const template = templateOf(...bots);

  it('have one route each', () => {
    template.resourceCountIs('AWS::ApiGatewayV2::Api', 1);
    template.resourceCountIs('AWS::ApiGatewayV2::Stage', 1);
    template.resourceCountIs('AWS::ApiGatewayV2::Route', 3);
  });

  it('get their routes and integrations one after the other', () => {
    const steps = bots.flatMap((bot) => [
      idOf(template, 'AWS::ApiGatewayV2::Integration', bot),
      idOf(template, 'AWS::ApiGatewayV2::Route', bot),
    ]);
    expect(new Set(steps).size).toBe(6);
    steps.forEach((step, index) => {
      expect([...needs(template, step)]).toEqual(expect.arrayContaining(steps.slice(0, index)));
    });
  });

  it('do not wait for the webhooks of others', () => {
    const webhooks = Object.keys(template.findResources('Custom::TelegramWebhook'));
    for (const id of webhooks) {
      expect(webhooks.filter((other) => needs(template, id).has(other))).toEqual([]);
    }
  });

  it.each(bots)('do not change when %s leaves', (leaving) => {
    // The hash of a function that is not bundled depends on the first bot of the stack.
    const resources = (one: Template): Record<string, Resource> =>
      JSON.parse(JSON.stringify(one.toJSON().Resources).replaceAll(/[0-9a-f]{64}\.zip/g, '.zip'));
    const before = resources(template);
    const after = resources(templateOf(...bots.filter((bot) => bot !== leaving)));
    const remaining = Object.keys(after).filter((id) => !/^(Registrar|WebhookWatch)/.test(id));
    expect(remaining.length).toBeGreaterThan(15);
    for (const id of remaining) {
      const { DependsOn: _, ...rest } = after[id] as Resource;
      expect(before[id], id).toMatchObject(rest);
    }
  });

  it('wait for nothing of a bot on another API', () => {
    const stack = new Stack(unbundledApp(), 'Kit');
    for (const bot of bots) {
      addTelegramBot(stack, bot, {
        endpoint: Endpoint.httpApi({ api: new HttpApi(stack, `${bot}Api`) }),
      });
    }
    const apart = Template.fromStack(stack);
    const [first = '', second = ''] = bots.map((bot) =>
      idOf(apart, 'AWS::ApiGatewayV2::Route', bot),
    );
    expect([...needs(apart, second)]).not.toContain(first);
  });
});

describe('an API of the user', () => {
  it('keeps its authorizer for its other routes', () => {
    const { stack } = botAt((scope) =>
      Endpoint.httpApi({
        api: new HttpApi(scope, 'Shared', {
          defaultAuthorizer: new HttpIamAuthorizer(),
          defaultAuthorizationScopes: ['scope'],
        }),
      }),
    );
    const { Properties } = onlyResource(
      Template.fromStack(stack),
      'AWS::ApiGatewayV2::Route',
    ).resource;
    expect(Properties).toMatchObject({ AuthorizationType: 'NONE' });
    expect(Properties).not.toHaveProperty('AuthorizationScopes');
  });

  it('may be in another stack', () => {
    const app = unbundledApp();
    const api = new HttpApi(new Stack(app, 'Api'), 'Shared');
    const stack = new Stack(app, 'Kit');
    addTelegramBot(stack, 'Bot', { endpoint: Endpoint.httpApi({ api }) });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::ApiGatewayV2::Api', 0);
    expect(stack.dependencies.map(({ stackName }) => stackName)).toEqual(['Api']);
  });

  it('may be imported, and its URL ends with the base path', () => {
    const { stack } = botAt((scope) =>
      Endpoint.httpApi({ api: importedApi(scope), basePath: 'bots' }),
    );
    const template = Template.fromStack(stack);
    const { Endpoint: endpoint } = onlyResource(template, 'Custom::TelegramWebhook').resource
      .Properties;
    expect(endpoint).toBe('https://imported1.execute-api.us-east-1.amazonaws.com/bots');
    template.hasResourceProperties('AWS::ApiGatewayV2::Route', { ApiId: 'imported1' });
  });

  it('may have a stage of its own making', () => {
    const { stack } = botAt((scope) => {
      const api = new HttpApi(scope, 'Shared', { createDefaultStage: false });
      new HttpStage(scope, 'Stage', { httpApi: api, autoDeploy: true });
      return Endpoint.httpApi({ api });
    });
    const template = Template.fromStack(stack);
    const stage = onlyResource(template, 'AWS::ApiGatewayV2::Stage').id;
    const webhook = onlyResource(template, 'Custom::TelegramWebhook').id;
    expect([...needs(template, webhook)]).toContain(stage);
  });

  it('is not given by the endpoint, which says so', () => {
    const { bot } = botAt((scope) => Endpoint.httpApi({ api: new HttpApi(scope, 'Shared') }));
    expect(() => bot.endpoint.api).toThrow('has no api: it uses an API that you gave it');
    expect(bot.endpoint.route).toBeDefined();
  });

  it.each<[string, (scope: Stack) => HttpApi, string]>([
    [
      'without a default stage',
      (scope) => new HttpApi(scope, 'Shared', { createDefaultStage: false }),
      'api Kit/Shared has no $default stage yet',
    ],
    [
      'with another stage only',
      (scope) => {
        const api = new HttpApi(scope, 'Shared', { createDefaultStage: false });
        api.addStage('Prod', { stageName: 'prod', autoDeploy: true });
        return api;
      },
      'api Kit/Shared has no $default stage yet',
    ],
    [
      'whose stage would not serve a new route',
      (scope) => {
        const api = new HttpApi(scope, 'Shared');
        (api.defaultStage?.node.defaultChild as CfnStage).autoDeploy = false;
        return api;
      },
      'must have autoDeploy: true',
    ],
    [
      'whose own URL is disabled',
      (scope) => new HttpApi(scope, 'Shared', { disableExecuteApiEndpoint: true }),
      'api Kit/Shared has no URL that Telegram could use',
    ],
    [
      'that is imported without its URL',
      (scope) => HttpApi.fromHttpApiAttributes(scope, 'Shared', { httpApiId: 'x' }) as HttpApi,
      'api Kit/Shared has no URL that Telegram could use',
    ],
  ])('is refused %s, unless a proxy is in front of it', (_, api, message) => {
    expect(() => botAt((scope) => Endpoint.httpApi({ api: api(scope) }))).toThrow(message);
    const proxied = (scope: Stack) => {
      const behind = Endpoint.httpApi({ api: api(scope) });
      return Endpoint.of({ origin: 'https://bot.example.com', behind });
    };
    // Only the URL of a stage that serves no new route is known.
    const isKnown = message.includes('autoDeploy');
    expect(botAt(proxied).bot.endpoint.proxyTarget !== undefined).toBe(isKnown);
  });

  it('is refused when it has as many routes as API Gateway allows', () => {
    const stack = new Stack(unbundledApp(), 'Kit');
    const api = new HttpApi(stack, 'Shared');
    const integration = new HttpUrlIntegration('Url', 'https://example.com');
    const addRoutes = (from: number, to: number) => {
      for (let i = from; i < to; i++) {
        api.addRoutes({ path: `/${i}`, methods: [HttpMethod.GET], integration });
      }
    };
    addRoutes(0, 299);
    addTelegramBot(stack, 'Last', { endpoint: Endpoint.httpApi({ api }) });
    expect(() => addTelegramBot(stack, 'Another', { endpoint: Endpoint.httpApi({ api }) })).toThrow(
      'api Kit/Shared has 300 routes, as many as API Gateway allows: give this bot another api',
    );
  });
});

describe('the resources of a stack', () => {
  const profile = { name: 'Bot', commands: [{ command: 'start', description: 'Start' }] };

  function stackOf(count: number, isShared: boolean): Stack {
    const stack = new Stack(unbundledApp(), 'Kit');
    const endpoint = isShared ? Endpoint.httpApi({ api: new HttpApi(stack, 'Api') }) : undefined;
    for (let bot = 1; bot <= count; bot++)
      addTelegramBot(stack, `Bot${bot}`, { endpoint, profile });
    return stack;
  }

  it('have room for 45 bots on one API, with watch and profile', () => {
    const { Resources } = Template.fromStack(stackOf(45, true)).toJSON();
    expect(Object.keys(Resources).length).toBeLessThanOrEqual(500);
  });

  it('fail the synth when there are too many, which says how many bots to move and what they could share', () => {
    expect(() => Template.fromStack(stackOf(45, false))).toThrow(
      /Kit would have \d+ resources, and CloudFormation allows 500\. Its 45 bots have about 1\d each: move \d+ of them to another stack\..*Endpoint\.httpApi\(\{ api \}\)/,
    );
  });

  it('fail the synth without that advice when the bots share an API already', () => {
    expect(() => Template.fromStack(stackOf(60, true))).toThrow(/ of them to another stack\.$/);
  });
});
