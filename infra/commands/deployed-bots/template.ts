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
  /** Properties of its `Custom::TelegramBot`, partly as intrinsic functions. */
  readonly identity?: Readonly<Record<string, unknown>>;
  /** Properties of its `Custom::TelegramBotProfile`; absent for a bot without one. */
  readonly profile?: Readonly<Record<string, unknown>>;
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
  const propertiesOf = (type: string, bot: string) =>
    resourcesOfType(template, type).find(
      ([, resource]) => botOf(constructPath(resource) ?? '') === bot,
    )?.[1].Properties;
  return resourcesOfType(template, ResourceType.webhook).map(([id, resource]) => {
    const path = constructPath(resource);
    if (path === undefined) {
      throw new Error(
        `Resource ${id} has no construct path in its template, by which its bot is found: remove "pathMetadata": ` +
          'false from cdk.json or --no-path-metadata from the deploy, and deploy again.',
      );
    }
    const bot = botOf(path);
    return {
      path: bot,
      webhook: resource.Properties ?? {},
      identity: propertiesOf(ResourceType.bot, bot),
      profile: propertiesOf(ResourceType.profile, bot),
    };
  });
}

/** Returns the path of the bot whose custom resource is at a path: it ends in `<part of the bot>/Resource/Default`. */
function botOf(path: string): string {
  return path.split('/').slice(0, -3).join('/');
}
