import { Validations } from 'aws-cdk-lib';
import {
  HttpMethod,
  HttpNoneAuthorizer,
  HttpRoute,
  HttpRouteKey,
  type IHttpApi,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { BotIdentity } from './bot-identity.ts';

export interface WebhookRouteProps {
  readonly api: IHttpApi;
  readonly identity: BotIdentity;
  readonly receiver: IFunction;
  /** Without a slash at either end. */
  readonly basePath?: string;
}

/** The route of one bot on an HTTP API, with its integration and the gateway's permission to invoke the receiver. */
export class WebhookRoute extends HttpRoute {
  /** @param id the construct's id, which the base path is added to: another path is another route beside the old one */
  constructor(scope: Construct, id: string, props: WebhookRouteProps) {
    const { api, identity, receiver, basePath } = props;
    const path = [basePath, identity.webhookPath].filter(Boolean).join('/');
    super(scope, [id, basePath].filter(Boolean).join('-'), {
      httpApi: api,
      routeKey: HttpRouteKey.with(`/${path}`, HttpMethod.POST),
      integration: new HttpLambdaIntegration('Integration', receiver, {
        // A permission scoped to the route would repeat the secret path.
        scopePermissionToRoute: false,
      }),
      // A shared API may have another default.
      authorizer: new HttpNoneAuthorizer(),
      authorizationScopes: [],
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason:
        'Telegram cannot sign requests. The path is secret and the receiver checks the secret_token.',
    });
  }
}
