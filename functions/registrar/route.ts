import { type BotAttributes, ResourceType, type WebhookAttributes } from '../contract.ts';
import { DeployFailure } from './deploy-failure.ts';
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
import { proveFarSide } from './bot/readiness.ts';
import { identify } from './bot/identify.ts';
import { removeRegistration } from './webhook/unregister.ts';
import type { Tools } from './services.ts';
import { registerWebhook } from './webhook/register.ts';

export interface Served {
  readonly answer: ResourceAnswer;
  /** What was done, for the log. */
  readonly facts: object;
  /** Why something was left undone, which is no failure. */
  readonly warning?: string;
}

/** What each event of each custom resource comes to. */
export async function serve(event: ResourceEvent, tools: Tools): Promise<Served> {
  const isDelete = event.RequestType === 'Delete';
  switch (event.ResourceType) {
    case ResourceType.bot:
      return isDelete ? nothingToDo(event) : identifyBot(event, tools);
    case ResourceType.proof:
      return isDelete ? nothingToDo(event) : prove(event, tools);
    case ResourceType.webhook:
      return isDelete ? remove(event, tools) : register(event, tools);
    default: {
      const known = Object.values(ResourceType).join(', ');
      throw new DeployFailure(`The registrar serves ${known}, not ${event.ResourceType}.`);
    }
  }
}

async function identifyBot(event: Create | Update, tools: Tools): Promise<Served> {
  const attributes: BotAttributes = await identify(event.StackId, botProperties(event), tools);
  return {
    // The framework logs what it is told, and the webhook's path is in it.
    answer: { PhysicalResourceId: attributes.BotId, Data: attributes, NoEcho: true },
    facts: { outcome: 'identified', botId: attributes.BotId },
  };
}

async function prove(event: Create | Update, tools: Tools): Promise<Served> {
  const { BotFunction } = proofProperties(event);
  await proveFarSide(BotFunction, tools);
  return { answer: { PhysicalResourceId: BotFunction }, facts: { outcome: 'proven' } };
}

function nothingToDo({ PhysicalResourceId }: Delete): Served {
  return { answer: { PhysicalResourceId }, facts: { outcome: 'nothing to do' } };
}

async function register(event: Create | Update, tools: Tools): Promise<Served> {
  const registered = await registerWebhook(
    { stackId: event.StackId, properties: webhookProperties(event), former: formerOf(event) },
    tools,
  );
  const { botId, replacedHost, because, unverified } = registered;
  const attributes: WebhookAttributes = { ReplacedHost: replacedHost || 'none' };
  return {
    answer: { PhysicalResourceId: botId, Data: attributes },
    facts: { outcome: because ? 'left' : 'registered', ...registered },
    warning: because ?? unverified,
  };
}

async function remove(event: Delete, tools: Tools): Promise<Served> {
  const { StackId: stackId, PhysicalResourceId, ResourceProperties: properties } = event;
  const request = { stackId, botId: PhysicalResourceId, properties };
  const { outcome, because } = await removeRegistration(request, tools);
  return {
    answer: { PhysicalResourceId },
    facts: { outcome, botId: PhysicalResourceId },
    warning: because,
  };
}

function formerOf(event: Create | Update) {
  if (event.RequestType === 'Create') return undefined;
  const { PhysicalResourceId: botId, OldResourceProperties: old } = event;
  return { botId, endpoint: String(old.Endpoint), isReturn: isReturn(event) };
}

/** In a rollback alone, time does not move on. Without stamps, it cannot be told from any other update. */
export function isReturn({ ResourceProperties, OldResourceProperties }: Update): boolean {
  const [stamp, before] = [ResourceProperties.DeployStamp, OldResourceProperties.DeployStamp];
  return stamp !== undefined && before !== undefined && String(stamp) <= String(before);
}
