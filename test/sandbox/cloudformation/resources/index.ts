import type { Leniency } from '../../leniency.ts';
import { UnsupportedError } from '../errors.ts';
import { displayName, type ResourceDefinition } from '../template.ts';
import { alarm } from './alarm.ts';
import { apiMapping, domainName } from './api-domain.ts';
import { api, integration, route, stage } from './api-gateway.ts';
import { cdkMetadata } from './cdk-metadata.ts';
import { certificate } from './certificate.ts';
import { customResource } from './custom-resource.ts';
import { table } from './dynamodb.ts';
import { eventInvokeConfig } from './event-invoke-config.ts';
import { eventSourceMapping } from './event-source-mapping.ts';
import { lambdaFunction, lenientFunction } from './function.ts';
import { functionUrl } from './function-url.ts';
import { alias, version } from './function-version.ts';
import { kmsKey } from './kms-key.ts';
import { LenientResource } from './lenient.ts';
import { logGroup } from './log-group.ts';
import { managedPolicy } from './managed-policy.ts';
import { nestedStack } from './nested-stack.ts';
import { permission } from './permission.ts';
import { policy } from './policy.ts';
import { recordSet } from './record-set.ts';
import type { EmulatedResourceType } from './resource-type.ts';
import { role } from './role.ts';
import { rule } from './rule.ts';
import { schedule } from './schedule.ts';
import { secret } from './secret.ts';
import { securityGroup } from './security-group.ts';
import { subscription, topic, topicPolicy } from './sns.ts';
import { queue, queuePolicy } from './sqs.ts';
import { ssmParameter } from './ssm-parameter.ts';
import { lenientSchedule, telegramWebhook } from './webhook.ts';

const types: Record<string, EmulatedResourceType> = {
  'AWS::ApiGatewayV2::Api': api,
  'AWS::ApiGatewayV2::ApiMapping': apiMapping,
  'AWS::ApiGatewayV2::DomainName': domainName,
  'AWS::ApiGatewayV2::Integration': integration,
  'AWS::ApiGatewayV2::Route': route,
  'AWS::ApiGatewayV2::Stage': stage,
  'AWS::CDK::Metadata': cdkMetadata,
  'AWS::CertificateManager::Certificate': certificate,
  'AWS::CloudFormation::CustomResource': customResource,
  'AWS::CloudWatch::Alarm': alarm,
  'AWS::Events::Rule': rule,
  'AWS::IAM::Policy': policy,
  'AWS::IAM::Role': role,
  'AWS::KMS::Key': kmsKey,
  'AWS::Lambda::EventInvokeConfig': eventInvokeConfig,
  'AWS::Lambda::EventSourceMapping': eventSourceMapping,
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Lambda::Permission': permission,
  'AWS::Lambda::Url': functionUrl,
  'AWS::Logs::LogGroup': logGroup,
  'AWS::Route53::RecordSet': recordSet,
  'AWS::Scheduler::Schedule': schedule,
  'AWS::SecretsManager::Secret': secret,
  'AWS::SNS::Subscription': subscription,
  'AWS::SNS::Topic': topic,
  'AWS::SNS::TopicPolicy': topicPolicy,
  'AWS::SQS::Queue': queue,
  'AWS::SQS::QueuePolicy': queuePolicy,
};

/** What exists in name only. In strict mode it is accepted because the kit needs no more of it; lenient mode notes it. */
const strictTypes: Record<string, EmulatedResourceType> = {
  ...types,
  'AWS::EC2::SecurityGroup': securityGroup,
};

/** What only lenient mode emulates. */
const lenientTypes: Record<string, EmulatedResourceType> = {
  ...types,
  'AWS::CloudFormation::Stack': nestedStack,
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::DynamoDB::Table': table,
  'AWS::IAM::ManagedPolicy': managedPolicy,
  'AWS::Lambda::Alias': alias,
  'AWS::Lambda::Function': lenientFunction,
  'AWS::Lambda::Version': version,
  'AWS::SSM::Parameter': ssmParameter,
  'AWS::Scheduler::Schedule': lenientSchedule,
  'Custom::TelegramWebhook': telegramWebhook,
};

/**
 * Custom resources of the CDK itself. Their functions call services that are not emulated, for resources that exist
 * in name only.
 */
const OF_CDK =
  /^Custom::(AWS|CDK\w+|LogRetention|S3\w+|Vpc\w+|ECR\w+|DynamoDBReplica|CrossRegion\w+)$/;

/** @throws UnsupportedError for a type that the sandbox does not emulate */
export function resourceTypeOf(
  definition: ResourceDefinition,
  logicalId: string,
): EmulatedResourceType {
  const { Type: type } = definition;
  const found = type.startsWith('Custom::') ? customResource : strictTypes[type];
  if (found) return found;
  const name = displayName(definition, logicalId);
  throw new UnsupportedError(
    `${name}: ${type} is not supported by the sandbox in strict mode. In lenient mode, which is that of npm start ` +
      "without --strict and of Sandbox.start({ mode: 'lenient' }), it works or exists in name only",
  );
}

export function lenientTypeOf(
  definition: ResourceDefinition,
  logicalId: string,
  leniency: Leniency,
): EmulatedResourceType {
  const { Type: type } = definition;
  const isOwn = type.startsWith('Custom::') && !OF_CDK.test(type);
  const emulated = lenientTypes[type] ?? (isOwn ? customResource : undefined);
  return new LenientResource(
    { type, name: displayName(definition, logicalId) },
    emulated,
    leniency,
  );
}
