import { Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { type CfnLogGroup, LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** The log group of a gateway, with one line per request. */
export class AccessLog extends LogGroup {
  /** One JSON object per request, without path and route, because both hold the secret part of the URL. */
  readonly format = AccessLogFormat.custom(
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

  constructor(scope: Construct, id: string, retention: RetentionDays) {
    super(scope, id, { retention, removalPolicy: RemovalPolicy.DESTROY });
    nameAccessLog(this.node.defaultChild as CfnLogGroup);
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
