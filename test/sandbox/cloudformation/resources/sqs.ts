import { arnOf } from '../../aws/account.ts';
import type { QueueConfiguration } from '../../aws/sqs/fifo-queue.ts';
import { UnsupportedError, ValidationError } from '../errors.ts';
import { nameSuffix, physicalName } from '../names.ts';
import { sameValue, type Value } from '../values.ts';
import { type Context, resourceType } from './resource-type.ts';
import { integer, json, listOf, type ObjectOf, object, only, optional, text } from './shape.ts';

const properties = {
  QueueName: optional(text),
  FifoQueue: only(true),
  DeduplicationScope: optional(only('messageGroup', 'queue')),
  FifoThroughputLimit: optional(only('perMessageGroupId', 'perQueue')),
  VisibilityTimeout: optional(integer),
  MessageRetentionPeriod: optional(integer),
  RedrivePolicy: optional(object({ deadLetterTargetArn: text, maxReceiveCount: integer })),
  SqsManagedSseEnabled: optional(only(true)),
  Tags: optional(json()),
};

/** `AWS::SQS::Queue`: a FIFO queue, encrypted with SQS's own keys. */
export const queue = resourceType({
  properties,
  replacedBy: ['QueueName', 'FifoQueue'],
  attributes: ['Arn', 'QueueName', 'QueueUrl'],
  create(wanted, context) {
    const { stackName, logicalId, aws, location } = context;
    const name =
      wanted.QueueName ?? `${physicalName(stackName, logicalId, 80 - '.fifo'.length)}.fifo`;
    const { arn, url } = aws.sqs.create(configuration(name, wanted, context), location);
    return { physicalId: url, attributes: { Arn: arn, QueueName: name, QueueUrl: url } };
  },
  update({ attributes }, change, context) {
    const name = String(attributes.QueueName);
    const wanted = configuration(name, change.properties, context);
    context.aws.sqs.update(wanted, context.location);
  },
  delete: ({ physicalId }, _, { aws }) => {
    if (aws.sqs.has(physicalId)) aws.sqs.delete(physicalId);
  },
});

function configuration(
  name: string,
  wanted: ObjectOf<typeof properties>,
  { aws }: Context,
): QueueConfiguration {
  const { DeduplicationScope = 'queue', FifoThroughputLimit = 'perQueue', RedrivePolicy } = wanted;
  if (FifoThroughputLimit === 'perMessageGroupId' && DeduplicationScope === 'queue') {
    throw new ValidationError(
      'FifoThroughputLimit perMessageGroupId needs DeduplicationScope messageGroup',
    );
  }
  const target = RedrivePolicy?.deadLetterTargetArn;
  if (target !== undefined && !target.startsWith('arn:')) {
    throw new ValidationError(`deadLetterTargetArn must be an ARN, got ${target}`);
  }
  return {
    name,
    visibilityTimeout: wanted.VisibilityTimeout ?? 30,
    retention: wanted.MessageRetentionPeriod ?? 4 * 24 * 3600,
    deduplicationScope: DeduplicationScope,
    redrive: RedrivePolicy && {
      deadLetters: aws.sqs.queue(RedrivePolicy.deadLetterTargetArn),
      maxReceiveCount: RedrivePolicy.maxReceiveCount,
    },
  };
}

/** `AWS::SQS::QueuePolicy`: only one that has no effect here, because all requests use TLS. */
export const queuePolicy = resourceType({
  properties: { PolicyDocument: json<{ Statement: Statement[] }>(), Queues: listOf(text) },
  replacedBy: [],
  create(wanted, context) {
    const { stackName, logicalId } = context;
    check(wanted, context);
    return {
      physicalId: `${stackName.slice(0, 5)}-${logicalId.slice(0, 5)}-${nameSuffix()}`,
      attributes: {},
    };
  },
  update: (_, change, context) => check(change.properties, context),
  delete() {},
});

type Statement = Record<string, Value>;

/** Accepts the policy of the CDK's `enforceSSL` and nothing else. */
function check(
  { PolicyDocument, Queues }: { PolicyDocument: { Statement: Statement[] }; Queues: string[] },
  { aws, location }: Context,
): void {
  const [denial, ...others] = [PolicyDocument.Statement].flat();
  for (const url of Queues) {
    if (!url.startsWith('https:')) throw new UnsupportedError(`Queues must be URLs, got ${url}`);
    aws.sqs.queue(url);
    const expected = {
      Effect: 'Deny',
      Action: 'sqs:*',
      Principal: { AWS: '*' },
      Resource: arnOf('sqs', url.slice(url.lastIndexOf('/') + 1), location),
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    };
    if (denial && others.length === 0 && sameValue(denial, expected)) continue;
    throw new UnsupportedError(
      'The sandbox supports only the denial of all requests without TLS to the queue itself',
    );
  }
}
