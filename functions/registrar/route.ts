import { type BotAttributes, ResourceType, type WebhookAttributes } from '../contract.ts';
import { identifyBot, parseBotProperties } from './bot/identify.ts';
import { checkReadiness, parseReadinessProperties } from './bot/readiness.ts';
import { DeploymentError } from './errors.ts';
import type { Create, Delete, ResourceEvent, ResourceResponse, Update } from './event.ts';
import type { RequestContext } from './services.ts';
import { parseRegistration, parseWebhookProperties } from './webhook/parameters.ts';
import { type PreviousRegistration, registerWebhook } from './webhook/register.ts';
import { unregisterWebhook } from './webhook/unregister.ts';

export interface RouteResult {
  readonly response: ResourceResponse;
  /** What was done, for the log. */
  readonly facts: object;
  /** Why something was left undone, which is not a failure. */
  readonly warning?: string;
}

interface Route {
  set(event: Create | Update, context: RequestContext): Promise<RouteResult>;
  delete(event: Delete, context: RequestContext): RouteResult | Promise<RouteResult>;
}

const routes: Readonly<Record<string, Route>> = {
  [ResourceType.bot]: { set: identify, delete: nothingToDo },
  [ResourceType.readiness]: { set: checkBot, delete: nothingToDo },
  [ResourceType.webhook]: { set: register, delete: unregister },
};

/** Routes an event by its resource type and its request type. */
export async function routeEvent(
  event: ResourceEvent,
  context: RequestContext,
): Promise<RouteResult> {
  const route = routes[event.ResourceType];
  if (event.RequestType === 'Delete') {
    // A type that an older version of the kit deployed must not block the update that removes it.
    return route ? route.delete(event, context) : nothingToDo(event);
  }
  if (route) return route.set(event, context);
  const known = Object.keys(routes).join(', ');
  throw new DeploymentError(
    `The registrar handles ${known}, not ${event.ResourceType}. Use the constructs of the kit, and deploy again.`,
  );
}

function nothingToDo({ PhysicalResourceId }: Delete): RouteResult {
  return { response: { PhysicalResourceId }, facts: { outcome: 'nothing to do' } };
}

async function identify(event: Create | Update, context: RequestContext): Promise<RouteResult> {
  const attributes: BotAttributes = await identifyBot(parseBotProperties(event), context);
  return {
    // Without NoEcho, the framework logs the data of a response, and the webhook's path is in it.
    response: { PhysicalResourceId: attributes.BotId, Data: attributes, NoEcho: true },
    facts: { outcome: 'identified', botId: attributes.BotId },
  };
}

async function checkBot(event: Create | Update, context: RequestContext): Promise<RouteResult> {
  const { functionArn } = parseReadinessProperties(event);
  await checkReadiness(functionArn, context);
  return { response: { PhysicalResourceId: functionArn }, facts: { outcome: 'ready' } };
}

async function register(event: Create | Update, context: RequestContext): Promise<RouteResult> {
  const registered = await registerWebhook(
    parseWebhookProperties(event),
    previousRegistration(event),
    context,
  );
  const { botId, replacedHost, because, unverified } = registered;
  const attributes: WebhookAttributes = { ReplacedHost: replacedHost || 'none' };
  return {
    response: { PhysicalResourceId: botId, Data: attributes },
    facts: { outcome: because ? 'left' : 'registered', ...registered },
    warning: because ?? unverified,
  };
}

async function unregister(event: Delete, context: RequestContext): Promise<RouteResult> {
  const { PhysicalResourceId: botId } = event;
  const { outcome, because } = await unregisterWebhook(botId, parseRegistration(event), context);
  return {
    response: { PhysicalResourceId: botId },
    facts: { outcome, botId },
    warning: because,
  };
}

function previousRegistration(event: Create | Update): PreviousRegistration | undefined {
  if (event.RequestType === 'Create') return undefined;
  const { PhysicalResourceId: botId, OldResourceProperties: old } = event;
  return { botId, endpoint: String(old.Endpoint), isRollback: isRollback(event) };
}

/**
 * Whether an update restores the previous state. The deploy stamp advances in every update except a rollback;
 * without stamps, the two cannot be told apart.
 */
export function isRollback({ ResourceProperties, OldResourceProperties }: Update): boolean {
  const [stamp, before] = [ResourceProperties.DeployStamp, OldResourceProperties.DeployStamp];
  return stamp !== undefined && before !== undefined && String(stamp) <= String(before);
}
