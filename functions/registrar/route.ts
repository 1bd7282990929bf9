import { TokenUnavailableError } from '../bot-token/errors.ts';
import {
  type ProfileAttributes,
  ResourceType,
  type WebhookAttributes,
  type WebhookProperties,
} from '../contract.ts';
import { checkExpectations } from './bot/expectations.ts';
import { identifyBot, parseBotProperties } from './bot/identify.ts';
import { checkReadiness, parseReadinessProperties } from './bot/readiness.ts';
import { DeploymentError } from './errors.ts';
import type {
  Create,
  Delete,
  Properties,
  ResourceEvent,
  ResourceResponse,
  Update,
} from './event.ts';
import { clearProfile } from './profile/clear-profile.ts';
import { parseProfile } from './profile/parameters.ts';
import { explainRest } from './profile/ration.ts';
import { type PreviousProfile, setProfile } from './profile/set-profile.ts';
import { encodeUnfinished } from './profile/unfinished.ts';
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
  /** Returns the attributes of a resource that a rollback could not restore; absent if it then has to fail. */
  unfinished?(event: Update): object;
  delete(event: Delete, context: RequestContext): RouteResult | Promise<RouteResult>;
}

const routes: Readonly<Record<string, Route>> = {
  [ResourceType.bot]: { set: identify, delete: nothingToDo },
  [ResourceType.readiness]: { set: checkBot, delete: nothingToDo, unfinished: () => ({}) },
  [ResourceType.profile]: {
    set: setBotProfile,
    delete: clearBotProfile,
    unfinished: () => NOTHING_UNFINISHED,
  },
  [ResourceType.webhook]: { set: register, delete: unregister, unfinished: webhookAttributes },
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

/**
 * Returns the response to a rollback that `error` has prevented, so that the stack does not get stuck: the bot
 * and its webhook stay as they are, until the next deploy. Returns undefined if the rollback must fail: without
 * the token, the rest of the stack would have no webhook to restore.
 */
export function keepPrevious(event: ResourceEvent, error: unknown): ResourceResponse | undefined {
  if (event.RequestType !== 'Update' || error instanceof TokenUnavailableError) return undefined;
  const attributes = routes[event.ResourceType]?.unfinished?.(event);
  return attributes && { PhysicalResourceId: event.PhysicalResourceId, Data: attributes };
}

function nothingToDo({ PhysicalResourceId }: Delete): RouteResult {
  return { response: { PhysicalResourceId }, facts: { outcome: 'nothing to do' } };
}

async function identify(event: Create | Update, context: RequestContext): Promise<RouteResult> {
  const previousBotId = event.RequestType === 'Update' ? event.PhysicalResourceId : undefined;
  const bot = parseBotProperties(event);
  const { attributes, me, because } = await identifyBot(bot, context, previousBotId);
  const warning = me && checkExpectations(me, event, context);
  return {
    // Without NoEcho, the framework logs the data of a response, and the webhook's path is in it.
    response: { PhysicalResourceId: attributes.BotId, Data: attributes, NoEcho: true },
    facts: { outcome: because ? 'unfinished' : 'identified', botId: attributes.BotId },
    warning: because ?? warning,
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
  const { botId, replacedHost, unverified } = registered;
  return {
    response: { PhysicalResourceId: botId, Data: webhookAttributes(event, replacedHost) },
    facts: { outcome: 'registered', ...registered },
    warning: unverified,
  };
}

function webhookAttributes(event: Create | Update, replacedHost = ''): WebhookAttributes {
  const { Username } = event.ResourceProperties as Partial<WebhookProperties>;
  return { Link: Username ? `https://t.me/${Username}` : '', ReplacedHost: replacedHost || 'none' };
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

const NOTHING_UNFINISHED: ProfileAttributes = { Unfinished: '' };

async function setBotProfile(
  event: Create | Update,
  context: RequestContext,
): Promise<RouteResult> {
  const previous = event.RequestType === 'Update' ? previousProfile(event) : undefined;
  const { botId, written, left, postponed, unfinished } = await setProfile(
    parseProfile(event),
    previous,
    context,
  );
  const Data: ProfileAttributes = { Unfinished: encodeUnfinished(unfinished) };
  return {
    response: { PhysicalResourceId: botId, Data },
    facts: { outcome: written.length > 0 ? 'set' : 'unchanged', botId, written },
    warning: explainRest({ left, postponed }),
  };
}

function previousProfile(event: Update): PreviousProfile {
  const { OldResourceProperties: old, PhysicalResourceId: botId } = event;
  return { botId, ...parseProfile({ ...event, ResourceProperties: old }) };
}

async function clearBotProfile(event: Delete, context: RequestContext): Promise<RouteResult> {
  const { PhysicalResourceId: botId } = event;
  const { cleared, because } = await clearProfile(event, context);
  return {
    response: { PhysicalResourceId: botId },
    facts: { outcome: cleared.length > 0 ? 'cleared' : 'left', botId, cleared },
    warning: because,
  };
}

function previousRegistration(event: Create | Update): PreviousRegistration | undefined {
  if (event.RequestType === 'Create') return undefined;
  const { PhysicalResourceId: botId, OldResourceProperties: old } = event;
  const isChanged = toldToTelegram(old) !== toldToTelegram(event.ResourceProperties);
  return { botId, endpoint: String(old.Endpoint), isChanged };
}

/** Returns the properties that setWebhook sends to Telegram, as text. */
function toldToTelegram({
  Behind,
  DeployStamp,
  TokenReader,
  Username,
  ...told
}: Properties): string {
  return JSON.stringify(Object.entries(told).sort());
}
