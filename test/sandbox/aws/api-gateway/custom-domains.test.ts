import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LocalNetwork } from '../../network/local-network.ts';
import { Logs } from '../logs.ts';
import { API_GATEWAY_ZONE, Route53 } from '../route53.ts';
import { ApiGateway } from './api-gateway.ts';

const name = 'bot.example.com';
const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/1';
const location = { account: '123456789012', region: 'us-east-1' };
const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:receiver';

let network: LocalNetwork;
let route53: Route53;
let gateway: ApiGateway;
let events: APIGatewayProxyEventV2[];
let regionalName: string;

const lambda = {
  async invokeAs(_principal: string, _source: string, _function: string, event: unknown) {
    events.push(event as APIGatewayProxyEventV2);
    return { payload: 'null', durationMs: 1 };
  },
};

beforeAll(async () => {
  network = await LocalNetwork.open();
});

afterAll(() => network.close());

beforeEach(() => {
  events = [];
  start();
  return () => gateway.domains.delete(name);
});

function start(options: { leniency?: object } = {}): void {
  route53 = new Route53({ network, ...options });
  gateway = new ApiGateway({ network, lambda, logs: new Logs(), route53, ...options });
  ({ regionalName } = gateway.domains.create({ name, certificateArn, location }));
}

/** Creates an API with the route `POST /hook`, mapped to a base path of the domain. */
function map(key: string): { apiId: string; endpoint: string; mapping: string } {
  const { id, endpoint } = gateway.createApi({ name: 'test' });
  const integration = gateway.createIntegration(id, { functionArn, payloadFormatVersion: '2.0' });
  gateway.createRoute(id, { routeKey: 'POST /hook', integrationId: integration.id });
  gateway.createStage(id, { name: '$default', autoDeploy: true });
  const mapping = gateway.domains.createMapping(name, { apiId: id, stage: '$default', key });
  return { apiId: id, endpoint, mapping: mapping.id };
}

const alias = () => ({
  zoneId: 'Z1',
  name,
  type: 'A',
  target: regionalName,
  targetZoneId: API_GATEWAY_ZONE,
});

async function post(path: string, origin = `https://${name}`): Promise<[number, string]> {
  const { status, body } = await network.request(new URL(origin + path), { method: 'POST' });
  return [status, body.toString()];
}

describe('a custom domain name', () => {
  it('resolves while a record leads to its regional name', async () => {
    map('');
    expect(network.knows(name)).toBe(false);
    route53.create({ ...alias(), type: 'AAAA' });
    expect(network.knows(name)).toBe(false);
    route53.create({ ...alias(), target: 'd-another.execute-api.us-east-1.amazonaws.com' });
    expect(network.knows(name)).toBe(false);
    route53.update(alias());
    expect((await post('/hook'))[0]).toBe(200);
    route53.delete(alias());
    expect(network.knows(name)).toBe(false);
  });

  it('resolves while another name server leads there, and in lenient mode always', async () => {
    map('');
    const end = route53.leadElsewhere(name);
    expect((await post('/hook'))[0]).toBe(200);
    end();
    expect(network.knows(name)).toBe(false);

    gateway.domains.delete(name);
    start({ leniency: {} });
    map('');
    expect((await post('/hook'))[0]).toBe(200);
  });

  it('is itself in the event; its base path is not', async () => {
    route53.create(alias());
    const { apiId } = map('bots/sales');
    await post('/bots/sales/hook?one=1');
    const { requestContext, ...event } = events[0] as APIGatewayProxyEventV2;
    expect(event).toMatchObject({
      rawPath: '/hook',
      rawQueryString: 'one=1',
      routeKey: 'POST /hook',
    });
    expect(requestContext).toMatchObject({
      apiId,
      domainName: name,
      domainPrefix: 'bot',
      stage: '$default',
      http: { path: '/hook' },
    });
  });

  it('leads to the API with the longest mapping that the path begins with', async () => {
    route53.create(alias());
    const apis = ['bots', 'bots/sales', ''].map((key) => map(key).apiId);
    const reached = async (path: string) => {
      events = [];
      const [status] = await post(path);
      return events[0] ? apis.indexOf(events[0].requestContext.apiId) : status;
    };
    expect(await reached('/bots/hook')).toBe(0);
    expect(await reached('/bots/sales/hook')).toBe(1);
    expect(await reached('/hook')).toBe(2);
    expect(await reached('/botsales/hook')).toBe(404);
  });

  it('refuses a path without a mapping, by itself', async () => {
    route53.create(alias());
    map('bots');
    for (const path of ['/hook', '/botshook', '/']) {
      expect(await post(path)).toEqual([403, '{"message":"Forbidden"}']);
    }
    expect((await post('/bots'))[0]).toBe(404);
  });

  it('is the only way to an API whose default endpoint is disabled', async () => {
    route53.create(alias());
    const { apiId, endpoint } = map('');
    expect((await post('/hook', endpoint))[0]).toBe(200);
    gateway.updateApi(apiId, { isDefaultEndpointDisabled: true });
    expect(await post('/hook', endpoint)).toEqual([404, '{"message":"Not Found"}']);
    expect((await post('/hook'))[0]).toBe(200);
  });

  it('is refused with a certificate elsewhere, twice, and with an impossible name', () => {
    const create = (change: object) => () =>
      gateway.domains.create({ name: 'other.example.com', certificateArn, location, ...change });
    const elsewhere = certificateArn.replace('us-east-1', 'eu-west-1');
    expect(create({ certificateArn: elsewhere })).toThrow("must be in 'us-east-1'");
    expect(create({ name })).toThrow('already exists');
    expect(create({ name: 'https://bot.example.com' })).toThrow('Invalid domain name');
  });
});

describe('a mapping', () => {
  it('is refused without a stage, with an impossible key, and with a key that is taken', () => {
    const { apiId } = map('bots');
    const mapped = (change: object) => () =>
      gateway.domains.createMapping(name, { apiId, stage: '$default', key: 'x', ...change });
    expect(mapped({ stage: 'prod' })).toThrow('Invalid stage identifier specified');
    expect(mapped({ key: 'bots' })).toThrow('already exists');
    for (const key of ['/', '/bots', 'bots/', 'a//b', 'a b']) {
      expect(mapped({ key })).toThrow('may contain only letters');
    }
    expect(mapped({ apiId: 'none' })).toThrow('none');
  });

  it('keeps its stage and its API from being deleted', () => {
    const { apiId, mapping } = map('');
    expect(() => gateway.deleteStage(apiId, '$default')).toThrow(name);
    expect(() => gateway.deleteApi(apiId)).toThrow(name);
    gateway.domains.deleteMapping(name, mapping);
    gateway.deleteStage(apiId, '$default');
    gateway.deleteApi(apiId);
  });
});

describe('a record', () => {
  it('is refused twice, and as an alias in the wrong zone', () => {
    route53.create(alias());
    expect(() => route53.create(alias())).toThrow('it already exists');
    expect(() => route53.update({ ...alias(), targetZoneId: 'Z2' })).toThrow(
      'does not lie within the target zone',
    );
    expect(() => route53.delete({ ...alias(), type: 'CNAME' })).toThrow('no record');
  });
});

it('changes one API at a time, except in lenient mode', async () => {
  const { apiId } = map('');
  const changes = () => Promise.allSettled([gateway.change(apiId), gateway.change(apiId)]);
  const [first, second] = await changes();
  expect(first?.status).toBe('fulfilled');
  expect(second).toMatchObject({ reason: { code: 'ConflictException' } });
  await gateway.change(apiId);

  gateway.domains.delete(name);
  start({ leniency: {} });
  expect((await changes()).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
});
