import { Fn } from 'aws-cdk-lib';
import type {
  DomainName,
  HttpApi,
  HttpRoute,
  HttpStage,
  ThrottleSettings,
} from 'aws-cdk-lib/aws-apigatewayv2';
import type { FunctionUrl } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Endpoint } from '../settings/endpoint.ts';
import type { BotIdentity } from './bot-identity.ts';
import { FunctionUrlGateway } from './function-url-gateway.ts';
import type { Gateway } from './gateway.ts';
import { NodeFunction, type NodeFunctionProps } from './node-function.ts';
import { OwnApi } from './own-api.ts';
import { SharedApi } from './shared-api.ts';

export interface BotEndpointProps {
  readonly endpoint: Endpoint;
  readonly identity: BotIdentity;
  /** The function that responds to Telegram's requests. */
  readonly receiver: NodeFunctionProps;
  readonly logRetention: RetentionDays;
  /** Only for an API of the bot's own. */
  readonly throttle: ThrottleSettings;
}

/** The public endpoint of a bot: the receiver, and the gateway in front of it. */
export class BotEndpoint extends Construct {
  /** The Lambda function that authenticates an update, and runs the bot or enqueues the update. */
  readonly receiver: NodeFunction;
  /** What takes requests from the Internet. */
  readonly gateway: Gateway;
  /** Base of the webhook's URL, which the secret path follows: `https://<host>[:<port>][/<base path>]`. */
  readonly url: string;
  /** `https://<host>[:<port>]` */
  readonly origin: string;
  /** The host that Telegram connects to, with the port if it is not 443. */
  readonly host: string;
  /**
   * Base of the URL that your proxy has to forward to; undefined without `Endpoint.of`, and in front of an API whose
   * URL the app does not know.
   */
  readonly proxyTarget?: string;
  /** The receiver's URL; undefined unless the endpoint is `Endpoint.functionUrl()`. */
  readonly functionUrl?: FunctionUrl;
  /** Your domain, with the target that DNS has to lead to; undefined without `domain`. */
  readonly domainName?: DomainName;

  constructor(scope: Construct, id: string, props: BotEndpointProps) {
    super(scope, id);
    this.receiver = new NodeFunction(this, 'Receiver', props.receiver);
    this.gateway = this.createGateway(props);
    this.url = props.endpoint.origin ?? this.gateway.url;
    this.host = Fn.select(2, Fn.split('/', this.url));
    this.origin = `https://${this.host}`;
    if (props.endpoint.origin !== undefined) this.proxyTarget = urlIfKnown(this.gateway);
    this.functionUrl = this.gateway.functionUrl;
    this.domainName = this.gateway.domain?.name;
  }

  /**
   * The bot's own API.
   *
   * @throws Error for a shared API, which you have, and for a Function URL
   */
  get api(): HttpApi {
    return this.require('api');
  }

  /** The stage of the bot's own API. @throws Error as `api` */
  get stage(): HttpStage {
    return this.require('stage');
  }

  /** One line per request to the bot's own API, without its path. @throws Error as `api` */
  get accessLogGroup(): LogGroup {
    return this.require('accessLogGroup');
  }

  /**
   * `POST [/<base path>]/<secret path>`, with its integration and the gateway's permission to invoke the receiver.
   *
   * @throws Error for a Function URL
   */
  get route(): HttpRoute {
    return this.require('route');
  }

  private require<K extends keyof Gateway>(name: K): NonNullable<Gateway[K]> {
    const value = this.gateway[name];
    if (value !== undefined) return value;
    throw new Error(
      `${this.node.path} has no ${name}: it uses ${this.functionUrl ? 'a Function URL' : 'an API that you gave it'}`,
    );
  }

  private createGateway(props: BotEndpointProps): Gateway {
    const { receiver } = this;
    const { identity, logRetention, throttle } = props;
    const { kind, origin } = props.endpoint;
    switch (kind.type) {
      case 'own-api':
        return new OwnApi(this, { ...kind, identity, receiver, logRetention, throttle });
      case 'shared-api':
        return new SharedApi(this, {
          ...kind,
          identity,
          receiver,
          isBehindProxy: origin !== undefined,
        });
      case 'function-url':
        return new FunctionUrlGateway(receiver, identity);
    }
  }
}

function urlIfKnown(gateway: Gateway): string | undefined {
  try {
    return gateway.url;
  } catch {
    return undefined;
  }
}
