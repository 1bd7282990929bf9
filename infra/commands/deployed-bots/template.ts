import { ResourceType } from '../../../functions/contract.ts';

/** The part of a CloudFormation template that the commands read. */
export interface BotTemplate {
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
}

export interface TemplateResource {
  readonly Type: string;
  /** May contain intrinsic functions. */
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

/** A bot as a template declares it. */
export interface DeclaredBot {
  /** Path of the `TelegramBot` construct: `TelegramBot-prod/Bot`. */
  readonly path: string;
  /** Properties of its `Custom::TelegramWebhook`: `WebhookProperties`, partly as intrinsic functions. */
  readonly webhook: Readonly<Record<string, unknown>>;
}

/** Returns the construct path that the CDK wrote into a resource's metadata. */
export function constructPath({ Metadata }: TemplateResource): string | undefined {
  const path = Metadata?.['aws:cdk:path'];
  return typeof path === 'string' ? path : undefined;
}

export function resourcesOfType(template: BotTemplate, type: string): [string, TemplateResource][] {
  return Object.entries(template.Resources ?? {}).filter(([, { Type }]) => Type === type);
}

/**
 * Returns the bots that a template declares, without those of nested stacks.
 *
 * @throws Error when the template has no construct paths
 */
export function declaredBots(template: BotTemplate): DeclaredBot[] {
  return resourcesOfType(template, ResourceType.webhook).map(([id, resource]) => {
    const path = constructPath(resource);
    if (path === undefined) {
      throw new Error(
        `Resource ${id} has no construct path in its template, by which its bot is found: remove "pathMetadata": ` +
          'false from cdk.json or --no-path-metadata from the deploy, and deploy again.',
      );
    }
    // The path ends in `<registration>/Resource/Default`.
    const bot = path.split('/').slice(0, -3).join('/');
    return { path: bot, webhook: resource.Properties ?? {} };
  });
}
