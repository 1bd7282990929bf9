import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { type FunctionUrl, FunctionUrlAuthType, InvokeMode } from 'aws-cdk-lib/aws-lambda';
import { Fn } from 'aws-cdk-lib/core';
import { Environment } from '../../functions/contract.ts';
import type { BotIdentity } from './bot-identity.ts';
import type { Gateway } from './gateway.ts';
import type { NodeFunction } from './node-function.ts';

/** The receiver's Function URL. It has no routes, so the receiver itself refuses other paths. */
export class FunctionUrlGateway implements Gateway {
  readonly url: string;
  readonly serverErrors: Metric;
  readonly functionUrl: FunctionUrl;
  /** The URL and its permissions belong to the receiver. */
  readonly parts = [];

  constructor(receiver: NodeFunction, identity: BotIdentity) {
    receiver.addEnvironment(Environment.webhookPathSha256, identity.webhookPathSha256);
    this.functionUrl = receiver.addFunctionUrl({
      authType: FunctionUrlAuthType.NONE,
      invokeMode: InvokeMode.BUFFERED,
    });
    // Without the slash at its end.
    this.url = `https://${Fn.select(2, Fn.split('/', this.functionUrl.url))}`;
    this.serverErrors = receiver.metric('Url5xxCount', { statistic: 'Sum' });
  }
}
