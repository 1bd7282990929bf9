import { type Clock, systemClock } from '../../clock.ts';
import type { Network } from '../../network/network.ts';
import { HOME, type Location, locationOf, randomId } from '../account.ts';
import type { Metrics } from '../cloudwatch/metrics.ts';
import type { LambdaService } from '../lambda/lambda-service.ts';
import { groupOfArn, type Logs } from '../logs.ts';
import { Route53 } from '../route53.ts';
import { CustomDomains } from './custom-domains.ts';
import { badRequestException, conflict, find, notFound } from './errors.ts';
import { type ApiStage, HttpApi, type Integration, type Route } from './http-api.ts';

export type { ApiMapping } from './custom-domains.ts';
export type { ApiStage, Integration, Route } from './http-api.ts';

export interface ApiGatewayOptions {
  readonly network: Pick<Network, 'serve'>;
  readonly lambda: Pick<LambdaService, 'invokeAs'>;
  readonly logs: Logs;
  readonly metrics?: Metrics;
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default 30_000, as on AWS */
  readonly integrationTimeoutMs?: number;
  /** Leads custom domain names here. @default - one without records */
  readonly route53?: Route53;
  /** Allows changes to one API at the same time. @default - they fail */
  readonly leniency?: object;
}

const ROUTE_KEY = /^(\$default|(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|ANY) \/\S*)$/;

/**
 * API Gateway's HTTP APIs with Lambda integrations, the stage `$default` and exact paths. As soon as
 * an API is created, the network serves it under its own host name. There is no throttling.
 */
export class ApiGateway {
  readonly domains: CustomDomains;
  private readonly options: ApiGatewayOptions;
  private readonly apis = new Map<string, { api: HttpApi; close: () => void }>();
  /** Ids of the APIs whose integrations or routes are being changed. */
  private readonly changing = new Set<string>();

  constructor(options: ApiGatewayOptions) {
    this.options = options;
    const { route53 = new Route53(options) } = options;
    this.domains = new CustomDomains({
      route53,
      api: (id) => this.api(id),
      isLenient: options.leniency !== undefined,
    });
  }

  createApi(api: { name: string; location?: Location; isDefaultEndpointDisabled?: boolean }): {
    id: string;
    endpoint: string;
  } {
    const {
      network,
      lambda,
      logs,
      metrics,
      clock = systemClock,
      integrationTimeoutMs = 30_000,
    } = this.options;
    const id = randomId(10);
    const { location = HOME } = api;
    const host = `${id}.execute-api.${location.region}.amazonaws.com`;
    const served = new HttpApi(id, {
      location,
      lambda,
      logs,
      metrics,
      clock,
      integrationTimeoutMs,
    });
    served.isDefaultEndpointDisabled = api.isDefaultEndpointDisabled ?? false;
    const close = network.serve(
      host,
      (request, response) => void served.handleAtDefaultEndpoint(request, response),
    );
    this.apis.set(id, { api: served, close });
    return { id, endpoint: `https://${host}` };
  }

  updateApi(id: string, { isDefaultEndpointDisabled }: { isDefaultEndpointDisabled: boolean }) {
    this.api(id).isDefaultEndpointDisabled = isDefaultEndpointDisabled;
  }

  deleteApi(id: string): void {
    this.api(id);
    this.checkUnmapped(id);
    this.apis.get(id)?.close();
    this.apis.delete(id);
  }

  createIntegration(apiId: string, integration: Integration): { id: string } {
    const api = this.api(apiId);
    checkIntegration(integration);
    const id = randomId(7);
    api.integrations.set(id, integration);
    return { id };
  }

  updateIntegration(apiId: string, id: string, integration: Integration): void {
    const { integrations } = this.api(apiId);
    checkIntegration(integration);
    find(integrations, id, 'Integration');
    integrations.set(id, integration);
  }

  deleteIntegration(apiId: string, id: string): void {
    const { integrations, routes } = this.api(apiId);
    find(integrations, id, 'Integration');
    const user = [...routes.values()].find(({ integrationId }) => integrationId === id);
    if (user) {
      throw conflict(`Cannot delete Integration '${id}': the route ${user.routeKey} uses it`);
    }
    integrations.delete(id);
  }

  createRoute(apiId: string, route: Route): { id: string } {
    const api = this.api(apiId);
    checkRoute(api, route);
    const id = randomId(7);
    api.routes.set(id, route);
    return { id };
  }

  updateRoute(apiId: string, id: string, route: Route): void {
    const api = this.api(apiId);
    find(api.routes, id, 'Route');
    checkRoute(api, route, id);
    api.routes.set(id, route);
  }

  deleteRoute(apiId: string, id: string): void {
    const { routes } = this.api(apiId);
    find(routes, id, 'Route');
    routes.delete(id);
  }

  createStage(apiId: string, stage: ApiStage): void {
    const api = this.api(apiId);
    if (api.stage) throw conflict('Stage already exists');
    this.checkStage(stage);
    api.stage = stage;
  }

  updateStage(apiId: string, stage: ApiStage): void {
    const api = this.api(apiId);
    if (!api.stage) throw notFound('Stage', stage.name);
    this.checkStage(stage);
    api.stage = stage;
  }

  deleteStage(apiId: string, name: string): void {
    const api = this.api(apiId);
    if (api.stage?.name !== name) throw notFound('Stage', name);
    this.checkUnmapped(apiId);
    api.stage = undefined;
  }

  private api(id: string): HttpApi {
    const entry = this.apis.get(id);
    if (entry) return entry.api;
    throw notFound('API', id);
  }

  /**
   * Takes the moment in which nothing else may change an API's integrations and routes.
   *
   * @throws ServiceError when something does. On AWS that happens to some changes, here to all
   */
  async change(id: string): Promise<void> {
    if (this.options.leniency) return;
    if (this.changing.has(id)) {
      throw conflict(
        'Unable to complete operation due to concurrent modification. Please try again later.',
      );
    }
    this.changing.add(id);
    await new Promise((resolve) => setImmediate(resolve));
    this.changing.delete(id);
  }

  private checkUnmapped(apiId: string): void {
    const domain = this.domains.mappedTo(apiId);
    if (domain === undefined) return;
    throw badRequestException(
      `Please remove all API mappings of ${domain} to the API ${apiId} first`,
    );
  }

  private checkStage({ name, autoDeploy, accessLog }: ApiStage): void {
    if (name !== '$default')
      throw badRequestException(`The sandbox supports only the stage $default, got ${name}`);
    if (!autoDeploy) throw badRequestException('The sandbox supports only stages with AutoDeploy');
    if (!accessLog) return;
    const { groupArn } = accessLog;
    if (!this.options.logs.has(groupOfArn(groupArn), locationOf(groupArn))) {
      throw badRequestException(`The log group of the access log does not exist: ${groupArn}`);
    }
  }
}

function checkIntegration({ payloadFormatVersion }: Integration): void {
  if (payloadFormatVersion === '2.0') return;
  throw badRequestException(
    `The sandbox supports only payload format 2.0, got ${payloadFormatVersion}`,
  );
}

function checkRoute(api: HttpApi, { routeKey, integrationId }: Route, ownId?: string): void {
  if (!ROUTE_KEY.test(routeKey)) throw badRequestException(`Route key ${routeKey} is not valid`);
  if (routeKey.includes('{')) {
    throw badRequestException(`The sandbox supports only exact paths, got ${routeKey}`);
  }
  find(api.integrations, integrationId, 'Integration');
  for (const [id, route] of api.routes) {
    if (id !== ownId && route.routeKey === routeKey) {
      throw conflict(`Route with key ${routeKey} already exists for this API`);
    }
  }
}
