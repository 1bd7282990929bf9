import { ValidationError } from '../errors.ts';
import { api, integration, route, stage } from './api-gateway.ts';
import { cdkMetadata } from './cdk-metadata.ts';
import { customResource } from './custom-resource.ts';
import { eventSourceMapping } from './event-source-mapping.ts';
import { lambdaFunction } from './function.ts';
import { kmsKey } from './kms-key.ts';
import { logGroup } from './log-group.ts';
import { permission } from './permission.ts';
import { policy } from './policy.ts';
import type { EmulatedResourceType } from './resource-type.ts';
import { role } from './role.ts';
import { secret } from './secret.ts';
import { queue, queuePolicy } from './sqs.ts';

const types: Record<string, EmulatedResourceType> = {
  'AWS::ApiGatewayV2::Api': api,
  'AWS::ApiGatewayV2::Integration': integration,
  'AWS::ApiGatewayV2::Route': route,
  'AWS::ApiGatewayV2::Stage': stage,
  'AWS::CDK::Metadata': cdkMetadata,
  'AWS::CloudFormation::CustomResource': customResource,
  'AWS::IAM::Policy': policy,
  'AWS::IAM::Role': role,
  'AWS::KMS::Key': kmsKey,
  'AWS::Lambda::EventSourceMapping': eventSourceMapping,
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Lambda::Permission': permission,
  'AWS::Logs::LogGroup': logGroup,
  'AWS::SecretsManager::Secret': secret,
  'AWS::SQS::Queue': queue,
  'AWS::SQS::QueuePolicy': queuePolicy,
};

export function resourceTypeOf(type: string, logicalId: string): EmulatedResourceType {
  const found = type.startsWith('Custom::') ? customResource : types[type];
  if (!found) throw new ValidationError(`${logicalId}: ${type} is not supported by the sandbox`);
  return found;
}
