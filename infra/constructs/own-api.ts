import { Names } from 'aws-cdk-lib';
import {
  HttpApi,
  HttpStage,
  LogGroupLogDestination,
  type ThrottleSettings,
} from 'aws-cdk-lib/aws-apigatewayv2';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct, type IDependable } from 'constructs';
import { type EndpointDomain, withBasePath } from '../settings/endpoint.ts';
import { AccessLog } from './access-log.ts';
import { CustomDomain } from './custom-domain.ts';
import type { Gateway } from './gateway.ts';
import { WebhookRoute, type WebhookRouteProps } from './webhook-route.ts';

export interface OwnApiProps extends Omit<WebhookRouteProps, 'api'> {
  readonly domain?: EndpointDomain;
  readonly logRetention: RetentionDays;
  readonly throttle: ThrottleSettings;
}

/** An HTTP API with one route, `POST /<secret path>`: the gateway answers any other request itself. */
export class OwnApi implements Gateway {
  readonly url: string;
  readonly parts: readonly IDependable[];
  readonly serverErrors: Metric;
  readonly api: HttpApi;
  readonly stage: HttpStage;
  readonly accessLogGroup: AccessLog;
  readonly route: WebhookRoute;
  readonly domain?: CustomDomain;

  constructor(endpoint: Construct, props: OwnApiProps) {
    const { domain, basePath, logRetention, throttle, ...target } = props;
    // With a domain, the API's default one is disabled. A bot that moves there, or back, has another API, so that
    // the old URL works until Telegram has the new one.
    const scope = domain ? new Construct(endpoint, 'DomainApi') : endpoint;
    this.api = new HttpApi(scope, 'Api', {
      apiName: Names.uniqueResourceName(scope, { maxLength: 128, separator: '-' }),
      description: 'Webhook of a Telegram bot',
      createDefaultStage: false,
      disableExecuteApiEndpoint: domain ? true : undefined,
    });
    this.accessLogGroup = new AccessLog(endpoint, 'AccessLog', logRetention);
    this.stage = new HttpStage(scope, 'Stage', {
      httpApi: this.api,
      autoDeploy: true,
      throttle,
      accessLogSettings: {
        destination: new LogGroupLogDestination(this.accessLogGroup),
        format: this.accessLogGroup.format,
      },
    });
    this.route = new WebhookRoute(scope, 'Route', {
      ...target,
      api: this.api,
      // The key of a mapping is not part of the path that routes see.
      basePath: domain ? undefined : basePath,
    });
    this.serverErrors = this.api.metricServerError();
    this.parts = [this.route, this.stage];
    this.url = withBasePath(domain ? `https://${domain.name}` : this.api.apiEndpoint, basePath);
    if (domain) {
      const { stage } = this;
      this.domain = new CustomDomain(endpoint, 'Domain', { ...domain, basePath, stage });
      this.parts = [...this.parts, this.domain];
    }
  }
}
