import {
  type BotProperties,
  type ReadinessProperties,
  ResourceType,
  type WebhookProperties,
} from '../contract.ts';
import { DeploymentError } from './deploy-failure.ts';

/** A custom resource's event, as the CDK's provider framework hands it on. */
export type ResourceEvent = Create | Update | Delete;

interface AnyEvent {
  /** The same when an event comes again. */
  readonly RequestId: string;
  readonly ResourceType: string;
  readonly StackId: string;
  readonly LogicalResourceId: string;
  readonly ResourceProperties: Properties;
}

export interface Create extends AnyEvent {
  readonly RequestType: 'Create';
}

export interface Update extends AnyEvent {
  readonly RequestType: 'Update';
  readonly PhysicalResourceId: string;
  readonly OldResourceProperties: Properties;
}

export interface Delete extends AnyEvent {
  readonly RequestType: 'Delete';
  readonly PhysicalResourceId: string;
}

type Properties = Readonly<Record<string, unknown>>;

/** What the framework tells CloudFormation. Only a throw fails. */
export interface ResourceAnswer {
  readonly PhysicalResourceId: string;
  readonly Data?: object;
  readonly NoEcho?: boolean;
}

/** @throws DeployFailure when one is missing, which no template of the kit brings about */
export function botProperties({ ResourceProperties }: Create | Update): BotProperties {
  requireText(ResourceType.bot, ResourceProperties, ['TokenSecret', 'ApiRoot', 'Address']);
  return ResourceProperties as unknown as BotProperties;
}

/** @throws DeployFailure when one is missing, which no template of the kit brings about */
export function proofProperties({ ResourceProperties }: Create | Update): ReadinessProperties {
  requireText(ResourceType.proof, ResourceProperties, ['BotFunction']);
  return ResourceProperties as unknown as ReadinessProperties;
}

/** @throws DeployFailure when one is missing, which no template of the kit brings about */
export function webhookProperties({ ResourceProperties }: Create | Update): WebhookProperties {
  requireText(ResourceType.webhook, ResourceProperties, [
    'TokenSecret',
    'ApiRoot',
    'Address',
    'Endpoint',
    'MaxConnections',
    'DropPendingUpdates',
    'ExistingWebhook',
  ]);
  if (!Array.isArray(ResourceProperties.AllowedUpdates)) {
    throw incomplete(ResourceType.webhook, 'AllowedUpdates as a list');
  }
  return ResourceProperties as unknown as WebhookProperties;
}

function requireText(type: string, properties: Properties, names: readonly string[]): void {
  const missing = names.filter((name) => typeof properties[name] !== 'string');
  if (missing.length > 0) throw incomplete(type, `${missing.join(', ')} as text`);
}

function incomplete(type: string, needs: string): DeploymentError {
  return new DeploymentError(
    `${type} needs ${needs}. Use the constructs of the kit, and deploy again.`,
  );
}
