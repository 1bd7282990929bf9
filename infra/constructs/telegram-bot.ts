import { Duration, Validations } from 'aws-cdk-lib';
import type { ThrottleSettings } from 'aws-cdk-lib/aws-apigatewayv2';
import { Tracing } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { type BotProperties, Environment } from '../../functions/contract.ts';
import { type BotSettings, checkBotSettings } from '../settings/bot.ts';
import { Delivery } from '../settings/delivery.ts';
import { invocationTimeout, visibilityTimeout } from '../settings/delivery-settings.ts';
import { reserveTokenSecret, secretId } from '../settings/token-secret.ts';
import { toWebhookProperties, type WebhookSettings } from '../settings/webhook.ts';
import { BotEndpoint } from './bot-endpoint.ts';
import { BotIdentity } from './bot-identity.ts';
import type { NodeFunction, NodeFunctionProps } from './node-function.ts';
import { UpdateQueue } from './update-queue.ts';
import { WebhookRegistration } from './webhook-registration.ts';

export interface TelegramBotProps extends WebhookSettings {
  /**
   * The secret that holds the bot token: the plain token from @BotFather, or JSON with a `token`
   * field. It is read at deploy time, and by a bot that calls the Bot API itself.
   */
  readonly token: ISecret;

  /**
   * When a deploy registers the webhook. With `every-deploy` the template holds the time of the synth,
   * so that each `cdk deploy` looks the bot up again, proves the endpoint, and brings back a webhook
   * that was lost to local polling or a hand-run curl. With `on-change` templates are reproducible,
   * but a rotated token or a lost webhook goes unnoticed until some setting changes.
   *
   * @default 'every-deploy'
   */
  readonly reregister?: 'every-deploy' | 'on-change';

  /**
   * Root of the Bot API; name your own when you run a self-hosted Bot API server that the registrar
   * can reach.
   *
   * @default 'https://api.telegram.org'
   */
  readonly apiRoot?: string;

  /**
   * The file that exports the bot's `handler`, from the project's root. A second bot in the app has a
   * file of its own.
   *
   * @default 'functions/bot.ts'
   */
  readonly entry?: string;

  /**
   * The bot's memory in MiB, 128 to 10240. Lambda gives processor time in proportion.
   *
   * @default 256
   */
  readonly memorySize?: number;

  /**
   * Whether the bot runs inside of Telegram's requests, or behind a queue that never loses an update
   * and lets it take its time.
   *
   * @default Delivery.direct()
   */
  readonly delivery?: Delivery;

  /**
   * How long the bot may take for one update. With direct delivery up to 29 seconds: API Gateway gives
   * up at 30, and Telegram then delivers the update again. Behind a queue up to 15 minutes.
   *
   * @default Duration.seconds(25)
   */
  readonly timeout?: Duration;

  /**
   * Environment variables of the bot. They can be read in the console: not a place for secrets.
   *
   * @default - only what the kit itself needs
   */
  readonly environment?: { [name: string]: string };

  /**
   * How long the bot's logs and the gateway's access logs are kept.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * X-Ray for the bot.
   *
   * @default Tracing.DISABLED
   */
  readonly tracing?: Tracing;

  /**
   * How many requests the gateway lets through; above that it answers 429 and Telegram delivers
   * later. It bounds what a flood can cost.
   *
   * @default - 200 requests a second, in bursts of up to 200
   */
  readonly throttle?: ThrottleSettings;
}

/** What AWS advises for a queue before a Lambda function. */
const FEWEST_ATTEMPTS = 5;

/** A Telegram bot: who it is, where it answers, and the webhook that binds the two. */
export class TelegramBot extends Construct {
  readonly identity: BotIdentity;
  /** The queue and the bot behind it; undefined with direct delivery. */
  readonly queue?: UpdateQueue;
  readonly endpoint: BotEndpoint;
  readonly registration: WebhookRegistration;
  /**
   * The Lambda that runs the bot, whatever the delivery: what the bot may do beyond answering is granted to
   * this one, `table.grantReadWriteData(telegramBot.bot)`.
   */
  readonly bot: NodeFunction;

  constructor(scope: Construct, id: string, props: TelegramBotProps) {
    super(scope, id);
    const { token } = props;
    const settings: BotSettings = {
      apiRoot: props.apiRoot ?? 'https://api.telegram.org',
      delivery: props.delivery ?? Delivery.direct(),
      entry: props.entry ?? 'functions/bot.ts',
      environment: props.environment ?? {},
      memorySize: props.memorySize ?? 256,
      reregister: props.reregister ?? 'every-deploy',
      throttle: props.throttle ?? { rateLimit: 200, burstLimit: 200 },
      timeout: props.timeout ?? Duration.seconds(25),
    };
    const webhook = toWebhookProperties(props);
    checkBotSettings(settings);
    reserveTokenSecret(this, token);
    this.warn(settings, props);

    const { apiRoot, delivery, reregister, throttle } = settings;
    const bot: BotProperties = {
      TokenSecret: secretId(token),
      ApiRoot: apiRoot.replace(/\/+$/, ''),
      Address: this.node.addr,
      DeployStamp: reregister === 'every-deploy' ? new Date().toISOString() : undefined,
    };
    this.identity = new BotIdentity(this, 'Identity', { token, properties: bot });

    const logRetention = props.logRetention ?? RetentionDays.ONE_MONTH;
    const tracing = props.tracing ?? Tracing.DISABLED;
    const botFunction: NodeFunctionProps = {
      entry: settings.entry,
      description: 'Receives the updates of a Telegram bot',
      memorySize: settings.memorySize,
      timeout: invocationTimeout(delivery.queue, settings.timeout),
      environment: {
        ...settings.environment,
        // Behind a queue nobody asks for it, but a new token brings a new one: then environments that
        // remember the former token are replaced.
        [Environment.webhookSecretSha256]: this.identity.webhookSecretSha256,
        [Environment.tokenSecret]: bot.TokenSecret,
        [Environment.botInfo]: this.identity.botInfo,
        [Environment.apiRoot]: bot.ApiRoot,
      },
      logRetention,
      tracing,
    };
    if (delivery.queue) {
      this.queue = new UpdateQueue(this, 'Queue', {
        ...delivery.queue,
        visibilityTimeout: visibilityTimeout(delivery.queue, settings.timeout),
        deployStamp: bot.DeployStamp,
        bot: {
          ...botFunction,
          description: 'Runs a Telegram bot behind its queue',
          environment: {
            ...botFunction.environment,
            [Environment.maxAttempts]: String(delivery.queue.maxAttempts),
          },
        },
      });
    }
    this.endpoint = new BotEndpoint(this, 'Endpoint', {
      identity: this.identity,
      receiver: this.queue
        ? ingressFunction(this.identity, this.queue, { logRetention, tracing })
        : botFunction,
      logRetention,
      throttle,
    });
    this.queue?.grantSend(this.endpoint.receiver);
    this.bot = this.queue?.bot ?? this.endpoint.receiver;
    token.grantRead(this.bot);

    this.registration = new WebhookRegistration(this, 'Registration', {
      token,
      endpoint: this.endpoint,
      properties: { ...bot, ...webhook },
    });
  }

  /** Of what is allowed, and seldom meant. */
  private warn({ apiRoot, delivery }: BotSettings, { ipAddress }: TelegramBotProps): void {
    const { maxAttempts = Number.POSITIVE_INFINITY } = delivery.queue ?? {};
    if (maxAttempts < FEWEST_ATTEMPTS) {
      Validations.of(this).addWarning(
        'telegram-webhook-kit:fewAttempts',
        `maxAttempts ${maxAttempts} may let updates become dead letters that the bot has never seen: what Lambda ` +
          `gives back because it is throttled counts as an attempt. AWS advises ${FEWEST_ATTEMPTS} or more`,
      );
    }
    if (apiRoot.startsWith('http:')) {
      Validations.of(this).addWarning(
        'telegram-webhook-kit:plainApiRoot',
        `apiRoot ${apiRoot} is not https: the bot token is in every request, for all on the way to read`,
      );
    }
    if (ipAddress !== undefined) {
      Validations.of(this).addWarning(
        'telegram-webhook-kit:fixedAddress',
        `Telegram will connect to ${ipAddress} for ever; API Gateway changes its addresses at any time`,
      );
    }
  }
}

/** It verifies, sends, and answers: milliseconds, unless SQS is slow. */
function ingressFunction(
  identity: BotIdentity,
  { updates }: UpdateQueue,
  settings: Pick<NodeFunctionProps, 'logRetention' | 'tracing'>,
): NodeFunctionProps {
  return {
    ...settings,
    entry: 'functions/ingress/index.ts',
    description: 'Receives the updates of a Telegram bot for its queue',
    memorySize: 256,
    timeout: Duration.seconds(10),
    environment: {
      [Environment.webhookSecretSha256]: identity.webhookSecretSha256,
      [Environment.botId]: identity.botId,
      [Environment.updateQueueUrl]: updates.queueUrl,
    },
  };
}
