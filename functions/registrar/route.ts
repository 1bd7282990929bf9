import { type BotAttributes, ResourceType, type WebhookAttributes } from '../contract.ts';
import { identify } from './bot/identify.ts';
import { checkReadiness } from './bot/readiness.ts';
import { DeploymentError } from './deploy-failure.ts';
import {
  botProperties,
  type Create,
  type Delete,
  proofProperties,
  type ResourceAnswer,
  type ResourceEvent,
  type Update,
  webhookProperties,
} from './event.ts';
import type { RequestContext } from './services.ts';
import { registerWebhook } from './webhook/register.ts';
import { unregisterWebhook } from './webhook/unregister.ts';

export interface RouteResult {
  readonly answer: ResourceAnswer;
  /** What was done, for the log. */
  readonly facts: object;
  /** Why something was left undone, which is no failure. */
  readonly warning?: string;
}

/** What each event of each custom resource comes to. */
export async function routeEvent(
  event: ResourceEvent,
  context: RequestContext,
): Promise<RouteResult> {
  const isDelete = event.RequestType === 'Delete';
  switch (event.ResourceType) {
    case ResourceType.bot:
      return isDelete ? nothingToDo(event) : identifyBot(event, context);
    case ResourceType.proof:
      return isDelete ? nothingToDo(event) : prove(event, context);
    case ResourceType.webhook:
      return isDelete ? remove(event, context) : register(event, context);
    default: {
      const known = Object.values(ResourceType).join(', ');
      throw new DeploymentError(`The registrar serves ${known}, not ${event.ResourceType}.`);
    }
  }
}

async function identifyBot(event: Create | Update, context: RequestContext): Promise<RouteResult> {
  const attributes: BotAttributes = await identify(event.StackId, botProperties(event), context);
  return {
    // The framework logs what it is told, and the webhook's path is in it.
    answer: { PhysicalResourceId: attributes.BotId, Data: attributes, NoEcho: true },
    facts: { outcome: 'identified', botId: attributes.BotId },
  };
}

async function prove(event: Create | Update, context: RequestContext): Promise<RouteResult> {
  const { BotFunction } = proofProperties(event);
  await checkReadiness(BotFunction, context);
  return { answer: { PhysicalResourceId: BotFunction }, facts: { outcome: 'proven' } };
}

function nothingToDo({ PhysicalResourceId }: Delete): RouteResult {
  return { answer: { PhysicalResourceId }, facts: { outcome: 'nothing to do' } };
}

async function register(event: Create | Update, context: RequestContext): Promise<RouteResult> {
  const registered = await registerWebhook(
    { stackId: event.StackId, properties: webhookProperties(event), former: formerOf(event) },
    context,
  );
  const { botId, replacedHost, because, unverified } = registered;
  const attributes: WebhookAttributes = { ReplacedHost: replacedHost || 'none' };
  return {
    answer: { PhysicalResourceId: botId, Data: attributes },
    facts: { outcome: because ? 'left' : 'registered', ...registered },
    warning: because ?? unverified,
  };
}

async function remove(event: Delete, context: RequestContext): Promise<RouteResult> {
  const { StackId: stackId, PhysicalResourceId, ResourceProperties: properties } = event;
  const request = { stackId, botId: PhysicalResourceId, properties };
  const { outcome, because } = await unregisterWebhook(request, context);
  return {
    answer: { PhysicalResourceId },
    facts: { outcome, botId: PhysicalResourceId },
    warning: because,
  };
}

function formerOf(event: Create | Update) {
  if (event.RequestType === 'Create') return undefined;
  const { PhysicalResourceId: botId, OldResourceProperties: old } = event;
  return { botId, endpoint: String(old.Endpoint), isReturn: isRollback(event) };
}

/** In a rollback alone, time does not move on. Without stamps, it cannot be told from any other update. */
export function isRollback({ ResourceProperties, OldResourceProperties }: Update): boolean {
  const [stamp, before] = [ResourceProperties.DeployStamp, OldResourceProperties.DeployStamp];
  return stamp !== undefined && before !== undefined && String(stamp) <= String(before);
}
