import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { LocalNetwork } from '../../network/local-network.ts';
import { Logs } from '../logs.ts';
import { ApiGateway } from './api-gateway.ts';

let network: LocalNetwork;
let gateway: ApiGateway;
let api: { id: string };
let integration: { id: string };

const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:receiver';
const lambda = { invokeAs: () => Promise.reject(new Error('not invoked here')) };

beforeAll(async () => {
  network = await LocalNetwork.open();
});

afterAll(() => network.close());

beforeEach(() => {
  gateway = new ApiGateway({ network, lambda, logs: new Logs() });
  api = gateway.createApi({ name: 'test' });
  integration = gateway.createIntegration(api.id, { functionArn, payloadFormatVersion: '2.0' });
});

function openRoute(): { id: string } {
  return gateway.createRoute(api.id, { routeKey: 'POST /hook', integrationId: integration.id });
}

it.each(['hook', 'POST hook', 'POST /{path}', 'ANY /{proxy+}', 'FETCH /hook'])(
  'refuses the route key %s',
  (routeKey) => {
    const route = { routeKey, integrationId: integration.id };
    expect(() => gateway.createRoute(api.id, route)).toThrow(routeKey);
  },
);

it('refuses a second route with the same key, and a route to an unknown integration', () => {
  const { id } = openRoute();
  const route = { routeKey: 'POST /hook', integrationId: integration.id };
  expect(() => gateway.createRoute(api.id, route)).toThrow('already exists');
  gateway.updateRoute(api.id, id, route);
  expect(() => gateway.updateRoute(api.id, id, { ...route, integrationId: 'x' })).toThrow('x');
});

it('refuses to delete an integration that a route uses', () => {
  const { id } = openRoute();
  expect(() => gateway.deleteIntegration(api.id, integration.id)).toThrow('POST /hook');
  gateway.deleteRoute(api.id, id);
  gateway.deleteIntegration(api.id, integration.id);
  expect(() => gateway.deleteIntegration(api.id, integration.id)).toThrow(integration.id);
});

it('refuses unsupported stages and payload formats, and a log group that does not exist', () => {
  const stage = { name: '$default', autoDeploy: true };
  expect(() => gateway.createStage(api.id, { ...stage, name: 'prod' })).toThrow('prod');
  expect(() => gateway.createStage(api.id, { ...stage, autoDeploy: false })).toThrow('AutoDeploy');
  const groupArn = 'arn:aws:logs:us-east-1:123456789012:log-group:none:*';
  expect(() =>
    gateway.createStage(api.id, { ...stage, accessLog: { groupArn, format: 'x' } }),
  ).toThrow('does not exist');
  expect(() =>
    gateway.createIntegration(api.id, { functionArn, payloadFormatVersion: '1.0' }),
  ).toThrow('1.0');
});

it('refuses to delete an API, a route or a stage that does not exist', () => {
  expect(() => gateway.deleteStage(api.id, '$default')).toThrow('$default');
  expect(() => gateway.deleteRoute(api.id, 'none')).toThrow('none');
  gateway.deleteApi(api.id);
  expect(() => gateway.deleteApi(api.id)).toThrow(api.id);
});
