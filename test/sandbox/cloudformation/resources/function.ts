import { addressOf, type Location } from '../../aws/account.ts';
import { assetBucket } from '../../aws/asset-buckets.ts';
import type { FunctionConfiguration } from '../../aws/lambda/lambda.ts';
import { UnknownProperty, UnsupportedError } from '../errors.ts';
import { type Context, type EmulatedResourceType, nameOf, resourceType } from './resource-type.ts';
import {
  boolean,
  integer,
  json,
  listOf,
  mapOf,
  type ObjectOf,
  object,
  only,
  optional,
  text,
} from './shape.ts';

const properties = {
  FunctionName: optional(text),
  Description: optional(text),
  Code: object({ S3Bucket: text, S3Key: text }),
  Handler: text,
  Runtime: text,
  Role: text,
  Architectures: optional(listOf(only('arm64', 'x86_64'))),
  Environment: optional(object({ Variables: optional(mapOf(text)) })),
  LoggingConfig: optional(
    object({
      LogFormat: optional(only('JSON', 'Text')),
      ApplicationLogLevel: optional(text),
      SystemLogLevel: optional(only('DEBUG', 'INFO', 'WARN')),
      LogGroup: optional(text),
    }),
  ),
  MemorySize: optional(integer),
  Timeout: optional(integer),
  TracingConfig: optional(object({ Mode: only('Active', 'PassThrough') })),
  ReservedConcurrentExecutions: optional(integer),
  VpcConfig: optional(
    object({
      SubnetIds: listOf(text),
      SecurityGroupIds: listOf(text),
      Ipv6AllowedForDualStack: optional(boolean),
    }),
  ),
  DeadLetterConfig: optional(object({ TargetArn: optional(text) })),
  Layers: optional(listOf(text)),
  EphemeralStorage: optional(object({ Size: integer })),
  CodeSigningConfigArn: optional(text),
  KmsKeyArn: optional(text),
  Tags: optional(json()),
};

/** Returns what Lambda calls a function, by its name or its ARN. Outside the sandbox's own location, that is the ARN. */
export function functionAddress(nameOrArn: string, location: Location): string {
  return addressOf('lambda', nameOrArn, { location, prefix: 'function:' });
}

/** `AWS::Lambda::Function` whose code is a file asset of the app. */
export const lambdaFunction = resourceType({
  properties,
  replacedBy: ['FunctionName'],
  attributes: ['Arn'],
  create(wanted, context) {
    const name = nameOf(wanted.FunctionName, context, 64);
    const { arn } = context.aws.lambda.create(configuration(name, wanted, context));
    return { physicalId: name, attributes: { Arn: arn } };
  },
  update({ physicalId }, change, context) {
    context.aws.lambda.update(configuration(physicalId, change.properties, context));
  },
  async delete({ physicalId, attributes }, _, { aws, location }) {
    await aws.lambda.delete(functionAddress(physicalId, location));
    aws.functionUrls.forget(String(attributes.Arn));
  },
});

/** Settings that have no effect here. */
const WITHOUT_EFFECT = [
  'CodeSigningConfigArn',
  'DeadLetterConfig',
  'EphemeralStorage',
  'KmsKeyArn',
  'Layers',
  'VpcConfig',
];

/** Knows no settings without effect, which lenient mode therefore notes and leaves out: their values may be made up. */
export const lenientFunction: EmulatedResourceType = {
  ...lambdaFunction,
  check(given, at) {
    const key = WITHOUT_EFFECT.find((name) => name in given);
    if (key) throw new UnknownProperty(at, key);
    lambdaFunction.check(given, at);
  },
};

function configuration(
  name: string,
  wanted: ObjectOf<typeof properties>,
  context: Context,
): FunctionConfiguration {
  return {
    location: context.location,
    name,
    description: wanted.Description,
    constructPath: context.path,
    codeDirectory: codeDirectory(wanted.Code, context),
    handler: wanted.Handler,
    runtime: wanted.Runtime,
    roleArn: wanted.Role,
    architectures: wanted.Architectures,
    environment: wanted.Environment?.Variables ?? {},
    logFormat: wanted.LoggingConfig?.LogFormat,
    applicationLogLevel: wanted.LoggingConfig?.ApplicationLogLevel,
    logGroup: wanted.LoggingConfig?.LogGroup,
    memorySize: wanted.MemorySize ?? 128,
    timeout: wanted.Timeout ?? 3,
    tracing: wanted.TracingConfig?.Mode,
    reservedConcurrency: wanted.ReservedConcurrentExecutions,
    vpc: wanted.VpcConfig && {
      subnetIds: wanted.VpcConfig.SubnetIds,
      securityGroupIds: wanted.VpcConfig.SecurityGroupIds,
    },
    deadLetterArn: wanted.DeadLetterConfig?.TargetArn,
    layers: wanted.Layers,
    ephemeralStorage: wanted.EphemeralStorage?.Size,
    codeSigningConfigArn: wanted.CodeSigningConfigArn,
    kmsKeyArn: wanted.KmsKeyArn,
  };
}

/** Finds the code by its S3 location: `cdk deploy` publishes assets to the default bootstrap's bucket. */
function codeDirectory(
  { S3Bucket, S3Key }: { S3Bucket: string; S3Key: string },
  { location, assetDirectory }: Context,
): string {
  const hash = /^([0-9a-f]+)\.zip$/.exec(S3Key)?.[1];
  if (S3Bucket !== assetBucket(location) || hash === undefined) {
    throw new UnsupportedError(`Code s3://${S3Bucket}/${S3Key} is not an asset of the app`);
  }
  return assetDirectory(hash);
}
