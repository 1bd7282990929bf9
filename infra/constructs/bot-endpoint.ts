import { Fn, Names, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
  type ThrottleSettings,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { type CfnLogGroup, LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { BotIdentity } from './bot-identity.ts';
import { NodeFunction, type NodeFunctionProps } from './node-function.ts';

export interface BotEndpointProps {
  readonly identity: BotIdentity;
  /** The function that responds to Telegram's requests. */
  readonly receiver: NodeFunctionProps;
  readonly logRetention: RetentionDays;
  readonly throttle: ThrottleSettings;
}

/**
 * The public endpoint of a bot: an HTTP API with one route, `POST /<secret path>`, and the receiver behind it. The
 * gateway answers any other request itself, without an invocation.
 */
export class BotEndpoint extends Construct {
  readonly api: HttpApi;
  readonly stage: HttpStage;
  /** `POST /<secret path>`, with its integration and the gateway's permission to invoke the receiver. */
  readonly route: HttpRoute;
  /** The Lambda function that authenticates an update, and runs the bot or enqueues the update. */
  readonly receiver: NodeFunction;
  /** One line per request, without its path. */
  readonly accessLogGroup: LogGroup;
  /** `https://<host>`, the beginning of the webhook's URL. */
  readonly origin: string;
  /** `<api id>.execute-api.<region>.amazonaws.com` */
  readonly host: string;

  constructor(scope: Construct, id: string, props: BotEndpointProps) {
    super(scope, id);
    const { identity, receiver, logRetention, throttle } = props;
    this.receiver = new NodeFunction(this, 'Receiver', receiver);

    const name = Names.uniqueResourceName(this, { maxLength: 128, separator: '-' });
    this.api = new HttpApi(this, 'Api', {
      apiName: name,
      description: 'Webhook of a Telegram bot',
      createDefaultStage: false,
    });
    this.accessLogGroup = new LogGroup(this, 'AccessLog', {
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    nameAccessLog(this.accessLogGroup.node.defaultChild as CfnLogGroup);
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      autoDeploy: true,
      throttle,
      accessLogSettings: {
        destination: new LogGroupLogDestination(this.accessLogGroup),
        format: accessLogFormat,
      },
    });
    this.route = new HttpRoute(this, 'Route', {
      httpApi: this.api,
      routeKey: HttpRouteKey.with(`/${identity.webhookPath}`, HttpMethod.POST),
      integration: new HttpLambdaIntegration('Integration', this.receiver, {
        // The API has only this route, and a permission scoped to it would repeat the secret path.
        scopePermissionToRoute: false,
      }),
    });
    Validations.of(this.route).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason:
        'Telegram cannot sign requests. The path is secret and the receiver checks the secret_token.',
    });

    this.origin = this.api.apiEndpoint;
    this.host = Fn.select(2, Fn.split('/', this.origin));
  }
}

/**
 * Names the access log. With any other prefix AWS adds an entry to an account-wide policy, which has room for a few
 * dozen entries and is not cleaned up by a destroy; one entry covers all names with this prefix. The rest of the
 * name is different for each group that CloudFormation may create beside an older one: the logical id for a
 * construct that was moved, the last part of the stack's id for a stack whose previous group was retained.
 */
function nameAccessLog(group: CfnLogGroup): void {
  const { stackId, stackName } = Stack.of(group);
  const incarnation = Fn.select(2, Fn.split('/', stackId));
  group.logGroupName = `/aws/vendedlogs/${stackName}/${group.logicalId}/${incarnation}`;
}

/** One JSON object per request, without path and route, because both hold the secret part of the URL. */
const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    requestTime: '$context.requestTime',
    sourceIp: '$context.identity.sourceIp',
    method: '$context.httpMethod',
    status: '$context.status',
    responseLength: '$context.responseLength',
    responseLatency: '$context.responseLatency',
    integrationError: '$context.integrationErrorMessage',
  }),
);
