import { Duration, Token } from 'aws-cdk-lib';
import type { ThrottleSettings } from 'aws-cdk-lib/aws-apigatewayv2';
import { Tracing } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Environment, type TelegramEnvironment } from '../../functions/contract.ts';
import { type BundlingSettings, resolveBundlingSettings } from './bundling.ts';
import { checkOneOf, checkWholeNumber, parseUrl } from './checks.ts';
import { checkDelivery, Delivery } from './delivery.ts';
import { checkEndpoint, Endpoint } from './endpoint.ts';
import { checkEntry } from './entry.ts';
import { checkVariableNames } from './environment-names.ts';
import { checkFunction, type FunctionSettings } from './function.ts';
import { checkWatch, Watch } from './watch.ts';

/** The settings of a bot besides those of its webhook. */
export interface BotSettings {
  /**
   * When a deploy registers the webhook. With `every-deploy` the template holds the time of the synth, so that
   * each `cdk deploy` identifies the bot again, probes the endpoint, and restores a webhook that was lost to
   * local polling or a hand-run curl. With `on-change` templates are reproducible, but a rotated token, a lost
   * webhook, or new code that crashes on load goes unnoticed until some setting changes.
   *
   * @default 'every-deploy'
   */
  readonly reregister?: 'every-deploy' | 'on-change';

  /**
   * Root of the Bot API. Change it for a self-hosted Bot API server, which the registrar must be able to reach.
   *
   * @default 'https://api.telegram.org'
   */
  readonly apiRoot?: string;

  /**
   * The environment of Telegram that the bot lives in. `test` is Telegram's test environment, which has accounts
   * and a @BotFather of its own: its bots have the path `/bot<token>/test/`, which no `apiRoot` can express.
   *
   * @default 'prod'
   */
  readonly telegramEnvironment?: TelegramEnvironment;

  /**
   * The file that exports the bot's `handler`, as an absolute path or one from the project's root. A second bot in
   * the app has its own file.
   *
   * @default 'functions/bot.ts'
   */
  readonly entry?: string;

  /**
   * How the bot is bundled.
   *
   * @default - the defaults of `BundlingSettings`
   */
  readonly bundling?: BundlingSettings;

  /**
   * The bot's memory in MiB, 128 to 10240. Lambda allocates CPU in proportion to it.
   *
   * @default 256
   */
  readonly memorySize?: number;

  /**
   * Whether the bot runs during Telegram's requests, or behind a queue that loses no update and lets the bot
   * take its time.
   *
   * @default Delivery.direct()
   */
  readonly delivery?: Delivery;

  /**
   * Where Telegram delivers the updates: an API of the bot's own or a shared one, with or without a domain of yours, a
   * Function URL, or a proxy in front of one of these.
   *
   * @default Endpoint.httpApi() - an API of the bot's own
   */
  readonly endpoint?: Endpoint;

  /**
   * How long the bot may take for one update. With direct delivery the limit is 29 seconds, because API Gateway
   * times out at 30 and Telegram then delivers the update again; with a Function URL it is 50, because Telegram itself
   * gives up after 60. Behind a queue it is 15 minutes.
   *
   * @default Duration.seconds(25)
   */
  readonly timeout?: Duration;

  /**
   * Environment variables of the bot. They are visible in the console, so they are no place for secrets.
   *
   * @default - only those that the kit itself needs
   */
  readonly environment?: { [name: string]: string };

  /**
   * How long all logs are kept. The bots of a stack share the registrar, whose logs are kept for the longest time
   * that one of them asks for.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * Options of the Lambda function that runs the bot, under the names of `lambda.Function`: VPC, layers, processor,
   * concurrency …
   *
   * @default - no VPC, on arm64
   */
  readonly function?: FunctionSettings;

  /**
   * Whether X-Ray traces the bot and the ingress.
   *
   * @default Tracing.DISABLED
   */
  readonly tracing?: Tracing;

  /**
   * How many requests the gateway accepts. It answers 429 to the rest, and Telegram delivers those again later.
   * This limits what a flood can cost. Only for a bot with an API of its own.
   *
   * @default - 200 requests a second, in bursts of up to 200
   */
  readonly throttle?: ThrottleSettings;

  /**
   * How the webhook is monitored between deploys, repaired, and who hears of what cannot be repaired.
   *
   * @default Watch.every(Duration.minutes(5)) - repairs, without alerts, for about 9 cents a month
   */
  readonly watch?: Watch;
}

/**
 * Fills in the defaults and checks the values.
 *
 * @throws Error that shows the value, what is allowed, and the fix
 */
export function resolveBotSettings(settings: BotSettings): Required<BotSettings> {
  const resolved: Required<BotSettings> = {
    apiRoot: settings.apiRoot ?? 'https://api.telegram.org',
    bundling: resolveBundlingSettings(settings.bundling ?? {}),
    delivery: settings.delivery ?? Delivery.direct(),
    endpoint: settings.endpoint ?? Endpoint.httpApi(),
    entry: settings.entry ?? 'functions/bot.ts',
    environment: settings.environment ?? {},
    function: settings.function ?? {},
    logRetention: settings.logRetention ?? RetentionDays.ONE_MONTH,
    memorySize: settings.memorySize ?? 256,
    reregister: settings.reregister ?? 'every-deploy',
    telegramEnvironment: settings.telegramEnvironment ?? 'prod',
    throttle: settings.throttle ?? { rateLimit: 200, burstLimit: 200 },
    timeout: settings.timeout ?? Duration.seconds(25),
    tracing: settings.tracing ?? Tracing.DISABLED,
    watch: settings.watch ?? Watch.every(Duration.minutes(5)),
  };
  checkApiRoot(resolved.apiRoot);
  checkEntry(resolved.entry);
  checkEnvironment(resolved.environment);
  checkWholeNumber('memorySize', resolved.memorySize, { min: 128, max: 10_240, unit: 'MiB' });
  checkOneOf('reregister', resolved.reregister, ['every-deploy', 'on-change']);
  checkOneOf('telegramEnvironment', resolved.telegramEnvironment, ['prod', 'test']);
  checkThrottle(resolved.throttle);
  checkEndpoint(resolved.endpoint, settings.throttle);
  checkDelivery(resolved.delivery, resolved.timeout, resolved.endpoint);
  checkFunction(resolved.function, resolved.delivery.queue);
  checkWatch(resolved.watch, resolved.delivery);
  return resolved;
}

function checkApiRoot(value: string): void {
  if (Token.isUnresolved(value)) return;
  if (/\/bot\d+(:|%3A)/i.test(value)) {
    throw new Error(
      'apiRoot must end before /bot<token>, such as https://api.telegram.org: ' +
        'anyone who can read the template could read the token',
    );
  }
  const url = parseUrl(value);
  const plain = url && !url.search && !url.hash && !url.username && !url.password;
  if (!plain || !['https:', 'http:'].includes(url.protocol)) {
    throw new Error(
      'apiRoot must be an http or https URL without credentials or query, such as ' +
        `https://api.telegram.org; got ${url ? url.origin : value}`,
    );
  }
  if (url.hostname === 'api.telegram.org' && /[^/]/.test(url.pathname)) {
    throw new Error(
      `apiRoot (context key telegramApiRoot) must not have a path at api.telegram.org, got ${url.pathname}: for a ` +
        "bot of Telegram's test environment, omit it and set telegramEnvironment to 'test'",
    );
  }
}

function checkEnvironment(environment: { [name: string]: string }): void {
  checkVariableNames(Object.keys(environment));
  const taken = Object.values<string>(Environment).find((name) => name in environment);
  if (taken) {
    throw new Error(`environment must not set ${taken}: the kit sets it; choose another name`);
  }
  for (const [name, value] of Object.entries(environment)) {
    if (/^\s*\d+:[\w-]{20,}\s*$/.test(value)) {
      throw new Error(
        `environment must not hold a bot token, and ${name} looks like one: ` +
          'remove it, and call botToken() in the bot',
      );
    }
  }
}

function checkThrottle({ rateLimit, burstLimit }: ThrottleSettings): void {
  for (const [name, value] of Object.entries({ rateLimit, burstLimit })) {
    if (value === undefined || Token.isUnresolved(value) || value >= 1) continue;
    throw new Error(`throttle.${name} must be at least 1, got ${value}`);
  }
}
