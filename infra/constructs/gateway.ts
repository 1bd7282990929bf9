import type { HttpApi, HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { FunctionUrl } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IDependable } from 'constructs';
import type { CustomDomain } from './custom-domain.ts';
import type { WebhookRoute } from './webhook-route.ts';

/** What receives requests from the Internet for a receiver. Each kind of endpoint has its own. */
export interface Gateway {
  /**
   * Base of the URL at which the gateway itself takes requests: `https://<host>[/<base path>]`.
   *
   * @throws Error for a shared API with a URL that the app does not know, or without a stage `$default`
   */
  readonly url: string;
  /** What has to exist before Telegram is pointed there, besides the receiver and what belongs to it. */
  readonly parts: readonly IDependable[];
  /** How many requests have failed; undefined where requests to other bots are counted too. */
  readonly serverErrors?: Metric;
  /** The bot's own API. */
  readonly api?: HttpApi;
  /** The stage of the bot's own API. */
  readonly stage?: HttpStage;
  /** One line per request to the bot's own API, without its path. */
  readonly accessLogGroup?: LogGroup;
  /** `POST [/<base path>]/<secret path>`, on the bot's own API or on a shared one. */
  readonly route?: WebhookRoute;
  readonly domain?: CustomDomain;
  readonly functionUrl?: FunctionUrl;
}
