import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../clock.ts';
import { arnOf, type Location, locationOf } from '../account.ts';
import type { Metrics } from '../cloudwatch/metrics.ts';
import type { LambdaService } from '../lambda/lambda-service.ts';
import { groupOfArn, type Logs } from '../logs.ts';
import { accessLogLine, type RequestOutcome } from './access-log.ts';
import { toEvent } from './event.ts';
import { type GatewayRequest, readBody, understandRequest } from './request.ts';
import { gatewayAnswer, type HttpAnswer, sendAnswer, toHttpAnswer } from './result.ts';

export interface Integration {
  readonly functionArn: string;
  readonly payloadFormatVersion: string;
}

export interface Route {
  /** `POST /path`, `ANY /path` or `$default`. */
  readonly routeKey: string;
  readonly integrationId: string;
}

export interface ApiStage {
  readonly name: string;
  readonly autoDeploy: boolean;
  readonly accessLog?: { readonly groupArn: string; readonly format: string };
}

export interface HttpApiServices {
  readonly location: Location;
  readonly lambda: Pick<LambdaService, 'invokeAs'>;
  readonly logs: Logs;
  readonly metrics?: Metrics;
  readonly clock: Clock;
  readonly integrationTimeoutMs: number;
}

/** One HTTP API: takes a request, finds its route, invokes the function, answers and logs. */
export class HttpApi {
  readonly id: string;
  readonly integrations = new Map<string, Integration>();
  readonly routes = new Map<string, Route>();
  stage?: ApiStage;
  /** Whether the API answers only under its custom domain names. */
  isDefaultEndpointDisabled = false;
  private readonly options: HttpApiServices;

  constructor(id: string, options: HttpApiServices) {
    this.id = id;
    this.options = options;
  }

  /** Handles a request to the API's own host name. */
  async handleAtDefaultEndpoint(
    incoming: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (!this.isDefaultEndpointDisabled) return this.handle(incoming, response);
    sendAnswer(response, gatewayAnswer(404, 'Not Found'));
  }

  /**
   * @param basePath the part of the path that a mapping of a custom domain name has used: `/one/two`. Neither the
   * routes nor a function with payload format 2.0 get to see it
   *
   * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
   */
  async handle(incoming: IncomingMessage, response: ServerResponse, basePath = ''): Promise<void> {
    const body = await readBody(incoming);
    if (!body && !incoming.complete) return;
    const request = understandRequest(incoming, body ?? Buffer.alloc(0), { basePath });
    const { answer, ...outcome } = body
      ? await this.route(request)
      : { answer: gatewayAnswer(413, 'Request Entity Too Large') };
    sendAnswer(response, answer, { 'apigw-requestid': request.id });
    const { metrics, location } = this.options;
    metrics?.countResponse(this.id, answer.status, location);
    this.log(request, {
      ...outcome,
      status: answer.status,
      responseLength: answer.body.length,
    });
  }

  private async route(
    request: GatewayRequest,
  ): Promise<{ answer: HttpAnswer } & Partial<RequestOutcome>> {
    const route = this.stage && this.findRoute(request);
    if (!route) return { answer: gatewayAnswer(404, 'Not Found') };
    const started = Date.now();
    const outcome = await this.integrate(request, route);
    return {
      routeKey: route.routeKey,
      integrationLatency: Date.now() - started,
      ...outcome,
    };
  }

  private findRoute({ method, path }: GatewayRequest): Route | undefined {
    const routes = [...this.routes.values()];
    return [`${method} ${path}`, `ANY ${path}`, '$default']
      .map((key) => routes.find(({ routeKey }) => routeKey === key))
      .find((route) => route !== undefined);
  }

  private async integrate(
    request: GatewayRequest,
    route: Route,
  ): Promise<{ answer: HttpAnswer } & Partial<RequestOutcome>> {
    const { location, lambda, clock, integrationTimeoutMs } = this.options;
    const { functionArn } = this.integrations.get(route.integrationId) as Integration;
    const resource =
      route.routeKey === '$default' ? '$default' : `${request.method}${request.path}`;
    const source = arnOf('execute-api', `${this.id}/$default/${resource}`, location);
    const { account } = location;
    const event = toEvent(request, { routeKey: route.routeKey, apiId: this.id, account });
    const answered = new AbortController();
    const timeout = clock.sleep(integrationTimeoutMs, answered.signal).catch(() => {});
    try {
      const invoked = lambda.invokeAs('apigateway.amazonaws.com', source, functionArn, event);
      const invocation = await Promise.race([invoked, timeout]);
      if (!invocation) {
        const integrationError = 'The integration timed out';
        return { answer: gatewayAnswer(503, 'Service Unavailable'), integrationError };
      }
      if (invocation.functionError) throw new Error(`The function failed: ${invocation.payload}`);
      return { answer: toHttpAnswer(invocation.payload), integrationStatus: 200 };
    } catch (error) {
      const integrationError = (error as Error).message;
      return { answer: gatewayAnswer(500, 'Internal Server Error'), integrationError };
    } finally {
      answered.abort();
    }
  }

  private log(request: GatewayRequest, outcome: RequestOutcome): void {
    const accessLog = this.stage?.accessLog;
    if (!accessLog) return;
    const { logs, location } = this.options;
    const group = groupOfArn(accessLog.groupArn);
    if (!logs.has(group, locationOf(accessLog.groupArn))) return;
    const api = { apiId: this.id, account: location.account };
    const entry = accessLogLine(accessLog.format, request, outcome, api);
    logs.write(group, entry, locationOf(accessLog.groupArn));
  }
}
