import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import {
  type BotAttributes,
  type IdentityProperties,
  ResourceType,
} from '../../functions/contract.ts';
import { Registrar } from './registrar.ts';

export interface BotIdentityProps {
  /** The secret that holds the bot token. */
  readonly token: ISecret;
  /** The custom resource's properties, which tell the registrar how to reach the bot. */
  readonly properties: Omit<IdentityProperties, 'TokenReader'>;
  /** How long the registrar's logs are kept, unless another bot of the stack keeps them longer. */
  readonly logRetention: RetentionDays;
}

/**
 * Identifies the bot with Telegram's `getMe` before its endpoint is built, so a wrong token fails the deploy
 * early. Its fields are known only during the deploy: use them in the properties of other resources. In outputs,
 * CloudFormation may mask them, because some are secret.
 */
export class BotIdentity extends Construct {
  /** The role that may read the token, for every resource that the registrar handles. */
  readonly tokenReader: IRole;
  /** The bot's numeric id, as a string. */
  readonly botId: string;
  /** The bot's username, without the `@`. */
  readonly username: string;
  /** The result of `getMe` as JSON: grammY's `botInfo`. */
  readonly botInfo: string;
  /** The secret part of the webhook's URL. Keep it out of outputs and environment variables. */
  readonly webhookPath: string;
  /** SHA-256, in hexadecimal, of `webhookPath`. */
  readonly webhookPathSha256: string;
  /** SHA-256, in hexadecimal, of the secret_token that Telegram sends with every update. */
  readonly webhookSecretSha256: string;

  constructor(scope: Construct, id: string, props: BotIdentityProps) {
    super(scope, id);
    const registrar = Registrar.getOrCreate(this);
    registrar.addBot(scope, props.logRetention);
    this.tokenReader = registrar.tokenReader(props.token, this);
    const bot = registrar.addResource(this, 'Resource', {
      type: ResourceType.bot,
      permission: this.tokenReader,
      properties: {
        ...props.properties,
        TokenReader: this.tokenReader.roleArn,
      } satisfies IdentityProperties,
    });
    const attribute = (name: keyof BotAttributes) => bot.getAttString(name);
    this.botId = attribute('BotId');
    this.username = attribute('Username');
    this.botInfo = attribute('BotInfo');
    this.webhookPath = attribute('WebhookPath');
    this.webhookPathSha256 = attribute('WebhookPathSha256');
    this.webhookSecretSha256 = attribute('WebhookSecretSha256');
  }
}
