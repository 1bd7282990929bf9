import { Duration, Fn, Stack } from 'aws-cdk-lib';
import { HttpApi, WebSocketApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { describe, expect, it } from 'vitest';
import { Delivery } from '../../../infra/settings/delivery.ts';
import { Endpoint, type EndpointDomain } from '../../../infra/settings/endpoint.ts';
import { botStack } from '../synth.ts';

function domainNamed(name: string, zoneName?: string): EndpointDomain {
  const stack = new Stack();
  const certificate = Certificate.fromCertificateArn(stack, 'Certificate', CERTIFICATE);
  if (!zoneName) return { name, certificate };
  const zone = { hostedZoneId: 'Z0FAKE', zoneName };
  return {
    name,
    certificate,
    hostedZone: HostedZone.fromHostedZoneAttributes(stack, 'Zone', zone),
  };
}

const CERTIFICATE =
  'arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555';

describe('a base path', () => {
  it.each(['bots', 'bots/sales', 'v1.0', '_a-b', 'x'.repeat(300)])('may be %s', (basePath) => {
    expect(Endpoint.httpApi({ basePath }).kind).toMatchObject({ basePath });
  });

  it.each([
    ...[
      '',
      '/',
      '/bots',
      'bots/',
      'a//b',
      'a b',
      'ü',
      'a?b',
      'a#b',
      'a%20b',
      '{proxy+}',
      '$default',
    ],
    ...['.', '..', 'a/../b', 'a/.b', 'x'.repeat(301)],
  ])('may not be %j', (basePath) => {
    expect(() => Endpoint.httpApi({ basePath })).toThrow(
      `without a slash at either end, such as bots/sales; got ${JSON.stringify(basePath)}`,
    );
  });

  it('may not be a value of the deploy', () => {
    expect(() => Endpoint.httpApi({ basePath: Fn.ref('Path') })).toThrow('known at synth');
  });
});

describe('a domain', () => {
  it.each([
    'bot.example.com',
    'example.com',
    'a.b-c.example',
    'xn--bcher-kva.example',
    '1.example',
  ])('may be %s', (name) => {
    expect(() => Endpoint.httpApi({ domain: domainNamed(name) })).not.toThrow();
  });

  it.each([
    ...['', 'example', 'https://bot.example.com', 'bot.example.com/x', 'bot.example.com:8443'],
    ...['*.example.com', 'Bot.example.com', 'bot..example.com', '.example.com', 'bot.example.com.'],
    ...['-bot.example.com', 'bot-.example.com', 'a_b.example.com', '192.0.2.1', 'bücher.example'],
    ...[`${'x'.repeat(64)}.example.com`, `${'abc.'.repeat(63)}example`],
  ])('may not be %j', (name) => {
    expect(() => Endpoint.httpApi({ domain: domainNamed(name) })).toThrow(
      `without https:// and wildcard; got ${JSON.stringify(name)}`,
    );
  });

  it.each(['example.com', 'bot.example.com', 'example.com.'])('may be in the zone %s', (zone) => {
    const domain = domainNamed('bot.example.com', zone);
    expect(() => Endpoint.httpApi({ domain })).not.toThrow();
  });

  it.each(['ample.com', 'other.example.com', 'example.org'])('must be in its zone: %s', (zone) => {
    const domain = domainNamed('bot.example.com', zone);
    expect(() => Endpoint.httpApi({ domain })).toThrow(
      `domain.name must be in the hosted zone ${zone}, got bot.example.com`,
    );
  });

  it("is for the bot's own API, and names what a shared one needs", () => {
    const api = new HttpApi(new Stack(), 'Api');
    expect(() => Endpoint.httpApi({ api, domain: domainNamed('bot.example.com') })).toThrow(
      "Endpoint.of({ origin: 'https://bot.example.com', behind: Endpoint.httpApi({ api }) })",
    );
  });
});

it('accepts no API but an HTTP API', () => {
  const api = new WebSocketApi(new Stack(), 'Api') as unknown as HttpApi;
  expect(() => Endpoint.httpApi({ api })).toThrow('api must be an HTTP API (HttpApi)');
});

describe("a proxy's origin", () => {
  it.each([
    ['https://bot.example.com', 'https://bot.example.com'],
    ['https://BOT.example.com:443/', 'https://bot.example.com'],
    ['https://bot.example.com:8443', 'https://bot.example.com:8443'],
    ['https://bot.example.com:80/Bots/sales/', 'https://bot.example.com:80/Bots/sales'],
    ['https://8.8.8.8:88', 'https://8.8.8.8:88'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
  ])('%s is spelled as Telegram does', (origin, spelled) => {
    expect(Endpoint.of({ origin }).origin).toBe(spelled);
  });

  it.each([
    ['bot.example.com', 'an https URL', '"bot.example.com"'],
    ['', 'an https URL', '""'],
    ['http://bot.example.com', 'an https URL', 'http://bot.example.com/'],
    ['https://me:password@bot.example.com', 'without credentials', 'https://bot.example.com/'],
    ['https://bot.example.com/?a=b', 'without credentials and query', 'https://bot.example.com/'],
    ['https://bot.example.com/#a', 'without credentials and query', 'https://bot.example.com/'],
    ['https://bot.example.com:444', 'port 443, 80, 88 or 8443', '444'],
    ['https://[2001:4860:4860::8888]', 'does not use IPv6', '[2001:4860:4860::8888]'],
    ['https://127.0.0.1', 'can reach from the Internet', '127.0.0.1'],
    ['https://10.1', 'can reach from the Internet', '10.0.0.1'],
    ['https://192.168.1.7:8443', 'can reach from the Internet', '192.168.1.7'],
    ['https://localhost', 'can reach from the Internet', 'localhost'],
    ['https://bot.example.com/a%20b', 'The path of origin', '/a%20b'],
    ['https://bot.example.com//a', 'The path of origin', '//a'],
  ])('%s is refused', (origin, rule, got) => {
    expect(() => Endpoint.of({ origin })).toThrow(rule);
    expect(() => Endpoint.of({ origin })).toThrow(`got ${got}`);
    expect(() => Endpoint.of({ origin })).not.toThrow('password');
  });

  it('may be a value of the deploy', () => {
    const origin = Fn.join('', ['https://', Fn.ref('Host')]);
    expect(Endpoint.of({ origin }).origin).toBe(origin);
  });

  it('is the only one', () => {
    const behind = Endpoint.of({ origin: 'https://inner.example' });
    expect(() => Endpoint.of({ origin: 'https://outer.example', behind })).toThrow(
      'not another proxy (https://inner.example)',
    );
  });
});

describe('the other settings of a bot', () => {
  const api = () => new HttpApi(new Stack(), 'Api');

  it.each([
    ['a shared API', () => Endpoint.httpApi({ api: api() }), 'throttle belongs to the stage'],
    [
      'a Function URL',
      () => Endpoint.functionUrl(),
      '(function.reservedConcurrentExecutions; behind a queue that of endpoint.receiver)',
    ],
    [
      'a Function URL behind a proxy',
      () => Endpoint.of({ origin: 'https://bot.example', behind: Endpoint.functionUrl() }),
      '(function.reservedConcurrentExecutions; behind a queue that of endpoint.receiver)',
    ],
  ])('may not throttle %s', (_, endpoint, message) => {
    expect(() => botStack({ endpoint: endpoint(), throttle: { rateLimit: 1 } })).toThrow(message);
  });

  it('may give a bot behind a Function URL 50 seconds, which is what Telegram leaves', () => {
    const endpoint = Endpoint.functionUrl();
    expect(() => botStack({ endpoint, timeout: Duration.seconds(50) })).not.toThrow();
    expect(() => botStack({ endpoint, timeout: Duration.seconds(51) })).toThrow(
      'timeout must be 1 to 50 whole seconds, because Telegram gives up after 60',
    );
    const delivery = Delivery.queued();
    expect(() => botStack({ delivery, endpoint, timeout: Duration.minutes(15) })).not.toThrow();
  });
});
