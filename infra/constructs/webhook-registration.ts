import { CfnDeletionPolicy, type CfnResource, Validations } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import {
  ResourceType,
  type WebhookAttributes,
  type WebhookProperties,
} from '../../functions/contract.ts';
import type { BotEndpoint } from './bot-endpoint.ts';
import type { BotIdentity } from './bot-identity.ts';
import { Registrar } from './registrar.ts';

export interface WebhookRegistrationProps {
  readonly identity: BotIdentity;
  /** The endpoint that Telegram delivers to. */
  readonly endpoint: BotEndpoint;
  /** The custom resource's other properties. */
  readonly properties: Omit<WebhookProperties, 'Endpoint'>;
}

/**
 * Points Telegram at the endpoint. It is created after everything that the endpoint needs to respond, and deleted
 * first when the stack is destroyed.
 */
export class WebhookRegistration extends Construct {
  /** `https://t.me/<username>` */
  readonly link: string;
  /** Host of a foreign webhook that this deploy replaced, or `none`. */
  readonly replacedHost: string;

  constructor(scope: Construct, id: string, props: WebhookRegistrationProps) {
    super(scope, id);
    const { identity, endpoint, properties } = props;
    const registrar = Registrar.getOrCreate(this);
    const webhook = registrar.addResource(this, 'Resource', {
      type: ResourceType.webhook,
      permission: identity.tokenReader,
      properties: { ...properties, Endpoint: endpoint.url } satisfies WebhookProperties,
    });
    // Not the whole endpoint: other routes of its API may use the attributes of this registration.
    const { gateway, receiver } = endpoint;
    webhook.node.addDependency(...gateway.parts, receiver, receiver.role as IRole);
    this.warnIfRetained(webhook.node.defaultChild as CfnResource);
    const attribute = (name: keyof WebhookAttributes) => webhook.getAttString(name);
    this.link = attribute('Link');
    this.replacedHost = attribute('ReplacedHost');
  }

  /**
   * Warns about a removal policy that keeps the webhook. An aspect often sets it for a whole stack, so this looks
   * after all aspects.
   */
  private warnIfRetained({ cfnOptions }: CfnResource): void {
    this.node.addValidation({
      validate: () => {
        const { deletionPolicy, updateReplacePolicy } = cfnOptions;
        if ([deletionPolicy, updateReplacePolicy].some(isRetaining)) {
          Validations.of(this).addWarning(
            'telegram-webhook-kit:retainedWebhook',
            `The removal policy of ${this.node.path} keeps the webhook after cdk destroy, and Telegram then delivers ` +
              'to an endpoint without a stack: leave it out, as in RemovalPolicies.of(scope).retain({ ' +
              `excludeResourceTypes: ['${ResourceType.webhook}'] })`,
          );
        }
        return [];
      },
    });
  }
}

function isRetaining(policy: CfnDeletionPolicy | undefined): boolean {
  return (
    policy === CfnDeletionPolicy.RETAIN || policy === CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE
  );
}
