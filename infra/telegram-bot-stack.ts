import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { Registrar } from './constructs/registrar.ts';
import { TelegramBot, type TelegramBotProps } from './constructs/telegram-bot.ts';

export interface TelegramBotStackProps extends StackProps {
  /** Name of the secret that holds the bot token: `telegram/dev/bot-token`. */
  readonly botTokenSecret: string;
  /**
   * All other settings of the bot.
   *
   * @default - the defaults of `TelegramBotProps`
   */
  readonly bot?: Omit<TelegramBotProps, 'token'>;
}

/** A stack with one bot, for one stage. */
export class TelegramBotStack extends Stack {
  readonly bot: TelegramBot;

  constructor(scope: Construct, id: string, props: TelegramBotStackProps) {
    super(scope, id, props);
    const token = Secret.fromSecretNameV2(this, 'BotToken', props.botTokenSecret);

    this.bot = new TelegramBot(this, 'Bot', { ...props.bot, token });

    const { endpoint, queue, registration } = this.bot;
    const { accessLogGroup, domain } = endpoint.gateway;
    const registrar = Registrar.getOrCreate(this);
    new CfnOutput(this, 'BotLink', { value: registration.link });
    new CfnOutput(this, 'EndpointHost', { value: endpoint.host });
    if (domain && !domain.record) {
      new CfnOutput(this, 'EndpointDnsTarget', { value: domain.name.regionalDomainName });
    }
    if (endpoint.proxyTarget) new CfnOutput(this, 'ProxyTarget', { value: endpoint.proxyTarget });
    new CfnOutput(this, 'ReplacedWebhookHost', { value: registration.replacedHost });
    new CfnOutput(this, 'ReceiverLogGroup', { value: endpoint.receiver.logGroup.logGroupName });
    if (queue) {
      new CfnOutput(this, 'BotLogGroup', { value: queue.bot.logGroup.logGroupName });
      new CfnOutput(this, 'DeadLetterQueueUrl', { value: queue.deadLetters.queueUrl });
    }
    if (accessLogGroup)
      new CfnOutput(this, 'AccessLogGroup', { value: accessLogGroup.logGroupName });
    new CfnOutput(this, 'RegistrarLogGroup', { value: registrar.function.logGroup.logGroupName });
  }
}
