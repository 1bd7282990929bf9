import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../clock.ts';
import { LocalNetwork } from '../../network/local-network.ts';
import { Metrics } from '../cloudwatch/metrics.ts';
import { Logs } from '../logs.ts';
import { ApiGateway } from './api-gateway.ts';

type Invoked = { principal: string; sourceArn: string; event: APIGatewayProxyEventV2 };

let network: LocalNetwork;
let metrics: Metrics;
let logs: Logs;
let gateway: ApiGateway;
let invoked: Invoked[];
let returned: { payload?: unknown; functionError?: 'Unhandled'; refused?: string; hangs?: boolean };
let api: { id: string; endpoint: string };
let integration: { id: string };

const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:receiver';

/** A fake Lambda that returns what each test has set. */
const lambda = {
  async invokeAs(principal: string, sourceArn: string, _function: string, event: unknown) {
    invoked.push({ principal, sourceArn, event: event as APIGatewayProxyEventV2 });
    if (returned.refused) throw new Error(returned.refused);
    if (returned.hangs) await new Promise(() => {});
    const { functionError, payload = null } = returned;
    return { functionError, payload: JSON.stringify(payload), durationMs: 1 };
  },
};

beforeAll(async () => {
  network = await LocalNetwork.open();
});

afterAll(() => network.close());

beforeEach(() => {
  invoked = [];
  returned = { payload: { statusCode: 200 } };
  logs = new Logs();
  metrics = new Metrics(systemClock, logs);
  gateway = new ApiGateway({ network, lambda, logs, metrics, integrationTimeoutMs: 20 });
  api = gateway.createApi({ name: 'test' });
  integration = gateway.createIntegration(api.id, { functionArn, payloadFormatVersion: '2.0' });
});

function openRoute(routeKey = 'POST /hook'): { id: string } {
  const route = gateway.createRoute(api.id, { routeKey, integrationId: integration.id });
  gateway.createStage(api.id, { name: '$default', autoDeploy: true });
  return route;
}

function post(
  path: string,
  options: { method?: string; headers?: object; body?: Buffer | string } = {},
) {
  return network.request(new URL(api.endpoint + path), {
    method: 'POST',
    ...options,
    headers: { ...options.headers },
  });
}

async function eventOf(path: string, options = {}): Promise<APIGatewayProxyEventV2> {
  await post(path, options);
  return invoked.at(-1)?.event as APIGatewayProxyEventV2;
}

describe('a request', () => {
  it('counts in the metrics of the API, by the class of its status', async () => {
    openRoute();
    await post('/hook');
    await post('/other');
    returned = { payload: null, functionError: 'Unhandled' };
    await post('/hook');
    const sums = ['Count', '4xx', '5xx'].map((name) =>
      metrics
        .of({ namespace: 'AWS/ApiGateway', name, dimensions: { ApiId: api.id } })
        .statistic('Sum', Date.now() - 120_000, Date.now() + 1),
    );
    expect(sums).toEqual([3, 1, 1]);
  });

  it('gets a 404 without a stage, without a route, and at any other path or method', async () => {
    expect((await post('/hook')).status).toBe(404);
    openRoute();
    for (const [path, method] of [
      ['/', 'POST'],
      ['/hook/', 'POST'],
      ['/HOOK', 'POST'],
      ['/hook', 'GET'],
    ] as const) {
      const answer = await post(path, { method });
      expect([answer.status, answer.body.toString()]).toEqual([404, '{"message":"Not Found"}']);
      expect(answer.headers['content-type']).toBe('application/json');
    }
    expect(invoked).toEqual([]);
    expect((await post('/hook')).status).toBe(200);
  });

  it('goes to the most specific route', async () => {
    openRoute('$default');
    for (const routeKey of ['ANY /hook', 'POST /hook']) {
      gateway.createRoute(api.id, { routeKey, integrationId: integration.id });
    }
    expect((await eventOf('/hook')).routeKey).toBe('POST /hook');
    expect((await eventOf('/hook', { method: 'PUT' })).routeKey).toBe('ANY /hook');
    expect((await eventOf('/other')).routeKey).toBe('$default');
    expect(invoked.map(({ sourceArn }) => sourceArn.split('/').slice(1).join('/'))).toEqual([
      '$default/POST/hook',
      '$default/PUT/hook',
      '$default/$default',
    ]);
  });

  it('finds no host once the API is deleted', async () => {
    openRoute();
    gateway.deleteApi(api.id);
    await expect(post('/hook')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  it('invokes the function with the source ARN of its API, stage, method and path', async () => {
    openRoute();
    await post('/hook');
    expect(invoked[0]).toMatchObject({
      principal: 'apigateway.amazonaws.com',
      sourceArn: `arn:aws:execute-api:us-east-1:123456789012:${api.id}/$default/POST/hook`,
    });
  });

  it('is refused over 10 MB, before it reaches the function', async () => {
    openRoute();
    const answer = await post('/hook', { body: Buffer.alloc(10 * 1024 * 1024 + 1) });
    expect([answer.status, answer.body.toString()]).toEqual([
      413,
      '{"message":"Request Entity Too Large"}',
    ]);
    expect(invoked).toEqual([]);
  });
});

describe('the event', () => {
  it('matches payload format 2.0 exactly', async () => {
    openRoute();
    const host = `${api.id}.execute-api.us-east-1.amazonaws.com`;
    const event = await eventOf('/hook?a=1&b=x%20y&a=2', {
      headers: {
        'Content-Type': 'application/json',
        'X-Twice': ['one', 'two'],
        Cookie: 'k=v; l=w',
        'User-Agent': 'test',
      },
      body: '{"update_id":1}',
    });
    expect(event).toEqual({
      version: '2.0',
      routeKey: 'POST /hook',
      rawPath: '/hook',
      rawQueryString: 'a=1&b=x%20y&a=2',
      cookies: ['k=v', 'l=w'],
      headers: {
        host,
        'content-type': 'application/json',
        'content-length': '15',
        'x-twice': 'one,two',
        'user-agent': 'test',
        'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-port': '443',
        'x-forwarded-proto': 'https',
      },
      queryStringParameters: { a: '1,2', b: 'x y' },
      requestContext: {
        accountId: '123456789012',
        apiId: api.id,
        domainName: host,
        domainPrefix: api.id,
        http: {
          method: 'POST',
          path: '/hook',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'test',
        },
        requestId: expect.stringMatching(/^[\w+/]{15}=$/),
        routeKey: 'POST /hook',
        stage: '$default',
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
      },
      body: '{"update_id":1}',
      isBase64Encoded: false,
    });
  });

  it('omits the parts that the request does not have', async () => {
    openRoute();
    const event = await eventOf('/hook');
    expect(event).not.toHaveProperty('body');
    expect(event).not.toHaveProperty('cookies');
    expect(event).not.toHaveProperty('queryStringParameters');
    expect(event.isBase64Encoded).toBe(false);
  });

  it.each([
    ['application/json', true],
    ['application/json; charset=utf-8', true],
    ['text/plain', true],
    ['application/xml', true],
    ['application/javascript', true],
    ['application/x-www-form-urlencoded', false],
    ['multipart/form-data; boundary=x', false],
    ['application/octet-stream', false],
    [undefined, false],
  ])('holds a body of type %s as text: %s', async (type, isText) => {
    openRoute();
    const headers = type ? { 'content-type': type } : {};
    const event = await eventOf('/hook', { headers, body: 'hé' });
    expect([event.body, event.isBase64Encoded]).toEqual(isText ? ['hé', false] : ['aMOp', true]);
  });
});

describe('the answer', () => {
  beforeEach(() => void openRoute());

  it('is what the function returned', async () => {
    returned.payload = {
      statusCode: 202,
      headers: { 'X-Kind': 'a', 'Content-Type': 'application/json' },
      cookies: ['a=1', 'b=2'],
      body: '{"ok":true}',
    };
    const answer = await post('/hook');
    expect([answer.status, answer.body.toString()]).toEqual([202, '{"ok":true}']);
    expect(answer.headers).toMatchObject({
      'x-kind': 'a',
      'content-type': 'application/json',
      'set-cookie': ['a=1', 'b=2'],
    });
  });

  it('is plain text when the function sets no type, and decoded when the body is base64', async () => {
    returned.payload = { statusCode: 200, body: 'aMOp', isBase64Encoded: true };
    const answer = await post('/hook');
    expect(answer.headers['content-type']).toBe('text/plain;charset=UTF-8');
    expect(answer.body.toString()).toBe('hé');
  });

  it.each([
    [{ method: 'sendMessage' }, '{"method":"sendMessage"}'],
    ['hello', 'hello'],
    [null, 'null'],
    [[1], '[1]'],
  ])('is a 200 with JSON when the function returned %j', async (payload, body) => {
    returned.payload = payload;
    const answer = await post('/hook');
    expect([answer.status, answer.body.toString()]).toEqual([200, body]);
    expect(answer.headers['content-type']).toBe('application/json');
  });

  it.each([
    ['a status that is not a number', { statusCode: 'ok' }],
    ['a status out of range', { statusCode: 99 }],
    ['a body that is not a string', { statusCode: 200, body: { ok: true } }],
    ['an invalid header', { statusCode: 200, headers: { x: 'a\nb' } }],
  ])('is a 500 when the function returned %s', async (_what, payload) => {
    returned.payload = payload;
    const answer = await post('/hook');
    expect([answer.status, answer.body.toString()]).toEqual([
      500,
      '{"message":"Internal Server Error"}',
    ]);
  });

  it('is a 500 when the function failed, or may not be invoked', async () => {
    returned = { functionError: 'Unhandled', payload: { errorMessage: 'no' } };
    expect((await post('/hook')).status).toBe(500);
    returned = { refused: 'no permission' };
    expect((await post('/hook')).status).toBe(500);
  });

  it('is a 503 when the function takes too long', async () => {
    returned = { hangs: true };
    const answer = await post('/hook');
    expect([answer.status, answer.body.toString()]).toEqual([
      503,
      '{"message":"Service Unavailable"}',
    ]);
  });
});

describe('the access log', () => {
  const format =
    '$context.httpMethod $context.routeKey $context.status $context.responseLength $context.nonsense $context.integrationErrorMessage';

  beforeEach(() => {
    const { arn } = logs.createGroup('access', {});
    gateway.createRoute(api.id, { routeKey: 'POST /hook', integrationId: integration.id });
    gateway.createStage(api.id, {
      name: '$default',
      autoDeploy: true,
      accessLog: { groupArn: arn, format },
    });
  });

  it('has a line in the stage’s format for every request', async () => {
    returned.payload = { statusCode: 200, body: 'four' };
    await post('/hook');
    await post('/nowhere');
    returned = { refused: 'no permission' };
    await post('/hook');
    expect(logs.lines('access')).toEqual([
      'POST POST /hook 200 4 - -',
      'POST - 404 23 - -',
      'POST POST /hook 500 35 - no permission',
    ]);
  });

  it('is not written any more when its log group is deleted', async () => {
    logs.deleteGroup('access');
    expect((await post('/hook')).status).toBe(200);
    expect(logs.lines()).toEqual([]);
  });
});

it('applies changes to routes and stages immediately', async () => {
  const { id } = openRoute();
  gateway.updateRoute(api.id, id, { routeKey: 'POST /new', integrationId: integration.id });
  expect((await post('/hook')).status).toBe(404);
  expect((await post('/new')).status).toBe(200);
  gateway.deleteStage(api.id, '$default');
  expect((await post('/new')).status).toBe(404);
});
