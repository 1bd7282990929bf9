import { Duration, Token } from 'aws-cdk-lib';
import type { ThrottleSettings } from 'aws-cdk-lib/aws-apigatewayv2';
import { Tracing } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { type BotProperties, Environment } from '../../functions/contract.ts';
import { BotEndpoint } from './bot-endpoint.ts';
import { BotIdentity } from './bot-identity.ts';
import { claimToken, secretId } from './token-secret.ts';
import { WebhookRegistration } from './webhook-registration.ts';
import { type WebhookSettings, webhookProperties } from './webhook-settings.ts';

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
   * How long the bot may take for one update, up to 29 seconds: API Gateway gives up at 30, and
   * Telegram then delivers the update again.
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

/** A Telegram bot: who it is, where it answers, and the webhook that binds the two. */
export class TelegramBot extends Construct {
  readonly identity: BotIdentity;
  readonly endpoint: BotEndpoint;
  readonly registration: WebhookRegistration;

  constructor(scope: Construct, id: string, props: TelegramBotProps) {
    super(scope, id);
    const { token, apiRoot = 'https://api.telegram.org', reregister = 'every-deploy' } = props;
    const { timeout = Duration.seconds(25), memorySize = 256, environment = {} } = props;
    const settings = webhookProperties(props);
    checkApiRoot(apiRoot);
    checkReregister(reregister);
    checkTimeout(timeout);
    checkMemorySize(memorySize);
    checkEnvironment(environment);
    claimToken(this, token);

    const bot: BotProperties = {
      TokenSecret: secretId(token),
      ApiRoot: withoutTrailingSlash(apiRoot),
      Address: this.node.addr,
      DeployStamp: reregister === 'every-deploy' ? new Date().toISOString() : undefined,
    };
    this.identity = new BotIdentity(this, 'Identity', { token, properties: bot });
    this.endpoint = new BotEndpoint(this, 'Endpoint', {
      identity: this.identity,
      token,
      apiRoot: bot.ApiRoot,
      entry: props.entry ?? 'functions/bot.ts',
      memorySize,
      timeout,
      environment,
      logRetention: props.logRetention ?? RetentionDays.ONE_MONTH,
      tracing: props.tracing ?? Tracing.DISABLED,
      throttle: props.throttle ?? { rateLimit: 200, burstLimit: 200 },
    });
    this.registration = new WebhookRegistration(this, 'Registration', {
      token,
      endpoint: this.endpoint,
      properties: { ...bot, ...settings },
    });
  }
}

function checkApiRoot(value: string): void {
  if (Token.isUnresolved(value)) return;
  if (/\/bot\d+(:|%3A)/i.test(value)) {
    throw new Error(
      'apiRoot must end before /bot<token>, such as https://api.telegram.org: ' +
        'in the template everybody could read the token',
    );
  }
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const plain = url && !url.search && !url.hash && !url.username && !url.password;
  if (!plain || !['https:', 'http:'].includes(url.protocol)) {
    throw new Error(
      'apiRoot must be an http or https URL without credentials or query, such as ' +
        `https://api.telegram.org; got ${url ? url.origin : value}`,
    );
  }
}

function withoutTrailingSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

function checkReregister(value: string): void {
  if (value !== 'every-deploy' && value !== 'on-change') {
    throw new Error(`reregister must be one of every-deploy, on-change; got ${value}`);
  }
}

function checkTimeout(value: Duration): void {
  if (value.isUnresolved()) return;
  const seconds = value.toSeconds({ integral: false });
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 29) {
    throw new Error(
      `timeout must be 1 to 29 whole seconds, because API Gateway gives up at 30; got ${seconds} s`,
    );
  }
}

function checkMemorySize(value: number): void {
  if (Token.isUnresolved(value)) return;
  if (!Number.isInteger(value) || value < 128 || value > 10_240) {
    throw new Error(`memorySize must be 128 to 10240 MiB, got ${value}`);
  }
}

function checkEnvironment(environment: { [name: string]: string }): void {
  const taken = Object.values<string>(Environment).find((name) => name in environment);
  if (taken) {
    throw new Error(`environment must not set ${taken}: the kit sets it; choose another name`);
  }
  for (const [name, value] of Object.entries(environment)) {
    if (/^\s*\d+:[\w-]{20,}\s*$/.test(value)) {
      throw new Error(
        `environment must not hold a bot token, and ${name} looks like one: ` +
          'leave it out, and have the bot ask botToken()',
      );
    }
  }
}
