import { Validations } from 'aws-cdk-lib';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { BotProperties } from '../../functions/contract.ts';
import { type BotSettings, resolveBotSettings } from '../settings/bot.ts';
import { botFunction, ingressFunction } from '../settings/bot-functions.ts';
import { visibilityTimeout } from '../settings/delivery.ts';
import { warnWithoutProxy } from '../settings/endpoint.ts';
import { type ExpectationSettings, toExpectedProperties } from '../settings/expectations.ts';
import { maxConcurrencyOf } from '../settings/function.ts';
import { warnAboutFunction } from '../settings/function-warnings.ts';
import type { ProfileSettings } from '../settings/profile.ts';
import { grantTokenRead, secretId } from '../settings/token-secret.ts';
import { reserveTokenSecret, warnAboutTokenSecret } from '../settings/token-secret-checks.ts';
import { toWebhookProperties, type WebhookSettings } from '../settings/webhook.ts';
import { BotAlarms } from './bot-alarms.ts';
import { BotEndpoint } from './bot-endpoint.ts';
import { BotIdentity } from './bot-identity.ts';
import { BotProfile } from './bot-profile.ts';
import type { NodeFunction } from './node-function.ts';
import { UpdateQueue } from './update-queue.ts';
import { WebhookRegistration } from './webhook-registration.ts';
import { WebhookWatch } from './webhook-watch.ts';

export interface TelegramBotProps extends BotSettings, WebhookSettings, ExpectationSettings {
  /**
   * The secret that holds the bot token: the plain token from @BotFather, or JSON with a `token` field. It is
   * read during a deploy, and at run time by a bot that is behind a queue or calls the Bot API itself.
   */
  readonly token: ISecret;

  /**
   * What users see of the bot: name, descriptions, commands, menu button, administrator rights and photo.
   *
   * @default - left as @BotFather and other tools have set it
   */
  readonly profile?: ProfileSettings;
}

/**
 * A Telegram bot: its identity, its endpoint, the queue behind the endpoint if there is one, and the webhook
 * that points Telegram at the endpoint.
 *
 * @example
 * const token = Secret.fromSecretNameV2(this, 'Token', 'telegram/prod/bot-token');
 * const { bot } = new TelegramBot(this, 'Bot', { token, allowedUpdates: ['message'] });
 * table.grantReadWriteData(bot);
 */
export class TelegramBot extends Construct {
  readonly identity: BotIdentity;
  /** Undefined without `profile`. */
  readonly profile?: BotProfile;
  /** The queue and the bot behind it; undefined with direct delivery. */
  readonly queue?: UpdateQueue;
  readonly endpoint: BotEndpoint;
  readonly registration: WebhookRegistration;
  /** Checks and repairs the webhook between deploys. */
  readonly watch: WebhookWatch;
  /** Undefined unless `watch` has `alerts`. */
  readonly alarms?: BotAlarms;
  /**
   * The Lambda function that runs the bot with either delivery. Grant it the permissions that the bot needs:
   * `table.grantReadWriteData(telegramBot.bot)`.
   */
  readonly bot: NodeFunction;

  constructor(scope: Construct, id: string, props: TelegramBotProps) {
    super(scope, id);
    const { token, profile } = props;
    const webhook = toWebhookProperties(props);
    const expected = toExpectedProperties(this, props);
    const settings = resolveBotSettings(props);
    reserveTokenSecret(this, token);
    warnAboutTokenSecret(this, token);
    this.warn(settings);
    warnWithoutProxy(this, settings.endpoint, props);

    const { apiRoot, delivery, logRetention, reregister, throttle, timeout } = settings;
    const isTest = settings.telegramEnvironment === 'test';
    const declared: Omit<BotProperties, 'TokenReader'> = {
      TokenSecret: secretId(token, this),
      ApiRoot: apiRoot.replace(/\/+$/, ''),
      TelegramEnvironment: isTest ? 'test' : undefined,
      Address: this.node.addr,
      DeployStamp: reregister === 'every-deploy' ? new Date().toISOString() : undefined,
    };
    const identity = new BotIdentity(this, 'Identity', {
      token,
      properties: { ...declared, ...expected },
      logRetention,
    });
    this.identity = identity;
    const properties: BotProperties = { ...declared, TokenReader: identity.tokenReader.roleArn };
    if (profile) {
      this.profile = new BotProfile(this, 'Profile', { identity, profile, properties });
    }

    const bot = botFunction(identity, properties, settings);
    if (delivery.queue) {
      this.queue = new UpdateQueue(this, 'Queue', {
        ...delivery.queue,
        visibilityTimeout: visibilityTimeout(delivery.queue, timeout),
        maxConcurrency: maxConcurrencyOf(delivery.queue, settings.function),
        deployStamp: properties.DeployStamp,
        bot,
      });
    }
    this.endpoint = new BotEndpoint(this, 'Endpoint', {
      endpoint: settings.endpoint,
      identity,
      receiver: this.queue ? ingressFunction(identity, this.queue, settings) : bot,
      logRetention,
      throttle,
    });
    this.queue?.grantSend(this.endpoint.receiver);
    this.bot = this.queue?.bot ?? this.endpoint.receiver;
    grantTokenRead(token, this.bot.rights, this);
    const maxConnections = Number(webhook.MaxConnections);
    warnAboutFunction(this, this.bot, { ...settings, maxConnections });

    const { endpoint, queue } = this;
    const registered = {
      ...properties,
      ...webhook,
      Username: identity.username,
      Behind: endpoint.proxyTarget,
    };
    this.registration = new WebhookRegistration(this, 'Registration', {
      identity,
      endpoint,
      properties: registered,
    });
    const { watch } = settings;
    this.watch = new WebhookWatch(this, 'Watch', {
      watch,
      identity,
      registration: this.registration,
      profile: this.profile,
      properties: { ...registered, Endpoint: endpoint.url },
      bot: this.node.path,
    });
    if (watch.alerts) {
      this.alarms = new BotAlarms(this, 'Alarms', {
        watch,
        alerts: watch.alerts,
        endpoint,
        queue,
        properties,
        bot: this.node.path,
      });
    }
  }

  /** Warns about settings that are allowed but rarely intended. */
  private warn({ apiRoot, delivery }: Required<BotSettings>): void {
    const { maxAttempts = Number.POSITIVE_INFINITY } = delivery.queue ?? {};
    if (maxAttempts < FEWEST_ATTEMPTS) {
      Validations.of(this).addWarning(
        'telegram-webhook-kit:fewAttempts',
        `maxAttempts ${maxAttempts} may let updates become dead letters that the bot has never seen: a batch that ` +
          `Lambda returns because it is throttled counts as an attempt. AWS recommends ${FEWEST_ATTEMPTS} or more`,
      );
    }
    if (apiRoot.startsWith('http:')) {
      Validations.of(this).addWarning(
        'telegram-webhook-kit:plainApiRoot',
        `apiRoot ${apiRoot} uses plain http, so the bot token travels unencrypted in every request: use https`,
      );
    }
  }
}

/** The least that AWS recommends for a queue in front of a Lambda function. */
const FEWEST_ATTEMPTS = 5;
