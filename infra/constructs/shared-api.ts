import { Stack } from 'aws-cdk-lib';
import {
  CfnIntegration,
  type CfnRoute,
  type CfnStage,
  HttpApi,
  HttpRoute,
  HttpStage,
  type IHttpApi,
  type IHttpStage,
} from 'aws-cdk-lib/aws-apigatewayv2';
import type { Construct, IConstruct, IDependable } from 'constructs';
import { withBasePath } from '../settings/endpoint.ts';
import type { Gateway } from './gateway.ts';
import { WebhookRoute, type WebhookRouteProps } from './webhook-route.ts';

export interface SharedApiProps extends WebhookRouteProps {
  /** Whether Telegram delivers to another URL than the API's own. */
  readonly isBehindProxy: boolean;
}

/** One route on an API of the user's, which other bots may share. */
export class SharedApi implements Gateway {
  readonly parts: readonly IDependable[];
  readonly route: WebhookRoute;
  private readonly props: WebhookRouteProps;

  constructor(endpoint: Construct, { isBehindProxy, ...props }: SharedApiProps) {
    this.props = props;
    const { api } = props;
    const stage = isBehindProxy ? api.defaultStage : requireStage(api);
    checkQuota(api);
    this.route = new WebhookRoute(endpoint, 'SharedRoute', props);
    createAfterPreviousBot(this.route);
    this.parts = stage ? [this.route, stage] : [this.route];
  }

  get url(): string {
    const { api, basePath } = this.props;
    if (api instanceof HttpApi && !defaultStageOf(api)) throw new Error(noDefaultStage(api));
    try {
      return withBasePath(api.apiEndpoint, basePath);
    } catch {
      throw new Error(
        `api ${api.node.path} has no URL that Telegram could use: it was imported without apiEndpoint, or has ` +
          "disableExecuteApiEndpoint. Give its own URL in Endpoint.of({ origin: 'https://<its domain>', behind })",
      );
    }
  }
}

/** Returns the stage to which the API's own URL leads; undefined for an imported API, whose stages are not known. */
function requireStage(api: IHttpApi): IHttpStage | undefined {
  if (!(api instanceof HttpApi)) return undefined;
  const stage = defaultStageOf(api);
  if (!stage) throw new Error(noDefaultStage(api));
  const { autoDeploy } = stage.node.defaultChild as CfnStage;
  if (autoDeploy === true) return stage;
  throw new Error(
    `The $default stage of api ${api.node.path} must have autoDeploy: true, or it would not serve the bot's route`,
  );
}

function defaultStageOf(api: HttpApi): IHttpStage | undefined {
  const isDefault = (node: IConstruct): node is HttpStage =>
    node instanceof HttpStage && node.api === api && node.stageName === '$default';
  return api.defaultStage ?? api.node.root.node.findAll().find(isDefault);
}

function noDefaultStage({ node }: HttpApi): string {
  return (
    `api ${node.path} has no $default stage yet: create it before the bot, or give the URL of another stage ` +
    "in Endpoint.of({ origin: 'https://…', behind })"
  );
}

/**
 * API Gateway's limit for the routes of an API, and for its integrations.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
const MOST_ROUTES = 300;

function checkQuota(api: IHttpApi): void {
  const isOfApi = (node: unknown) => node instanceof HttpRoute && node.httpApi.apiId === api.apiId;
  if (api.node.root.node.findAll().filter(isOfApi).length < MOST_ROUTES) return;
  throw new Error(
    `api ${api.node.path} has ${MOST_ROUTES} routes, as many as API Gateway allows: give this bot another api`,
  );
}

/** The last route of a bot on each API of a stack. */
const lastRoutes = new WeakMap<Stack, Map<string, WebhookRoute>>();

/** Makes CloudFormation create the routes of a stack's bots one by one: API Gateway refuses concurrent changes of an API. */
function createAfterPreviousBot(route: WebhookRoute): void {
  const stack = Stack.of(route);
  const routes = lastRoutes.get(stack) ?? new Map<string, WebhookRoute>();
  lastRoutes.set(stack, routes);
  const { apiId } = route.httpApi;
  const previous = routes.get(apiId);
  routes.set(apiId, route);
  if (!previous) return;
  const integration = route.node.findAll().find((node) => node instanceof CfnIntegration);
  integration?.addResourceDependency(previous.node.defaultChild as CfnRoute);
}
