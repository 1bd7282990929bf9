import type { QueueConfiguration } from '../../aws/sqs/fifo-queue.ts';
import { ValidationError } from '../errors.ts';
import { nameSuffix, physicalName } from '../names.ts';
import { sameValue } from '../values.ts';
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

/** `AWS::SQS::Queue`, FIFO, with encryption by SQS's own keys. */
export const queue = resourceType({
  properties,
  replacedBy: ['QueueName', 'FifoQueue'],
  attributes: ['Arn', 'QueueName', 'QueueUrl'],
  create(wanted, context) {
    const { stackName, logicalId, aws } = context;
    const name =
      wanted.QueueName ?? `${physicalName(stackName, logicalId, 80 - '.fifo'.length)}.fifo`;
    const { arn, url } = aws.sqs.create(configuration(name, wanted, context));
    return { physicalId: url, attributes: { Arn: arn, QueueName: name, QueueUrl: url } };
  },
  update({ attributes }, change, context) {
    const name = String(attributes.QueueName);
    context.aws.sqs.update(configuration(name, change.properties, context));
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
      'FifoThroughputLimit perMessageGroupId takes DeduplicationScope messageGroup',
    );
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

/** `AWS::SQS::QueuePolicy`, as far as it has no effect here: all come by TLS. */
export const queuePolicy = resourceType({
  properties: { PolicyDocument: json<{ Statement: Statement[] }>(), Queues: listOf(text) },
  replacedBy: [],
  create({ PolicyDocument, Queues }, { aws, stackName, logicalId }) {
    check(PolicyDocument);
    for (const url of Queues) aws.sqs.queue(url);
    return {
      physicalId: `${stackName.slice(0, 5)}-${logicalId.slice(0, 5)}-${nameSuffix()}`,
      attributes: {},
    };
  },
  update: (_, { properties: { PolicyDocument } }) => check(PolicyDocument),
  delete() {},
});

type Statement = { Effect: string; Condition?: object };

function check({ Statement }: { Statement: Statement[] }): void {
  const tlsOnly = { Bool: { 'aws:SecureTransport': 'false' } };
  const others = [Statement]
    .flat()
    .filter(
      ({ Effect, Condition }) => Effect !== 'Deny' || !sameValue(Condition as never, tlsOnly),
    );
  if (others.length === 0) return;
  throw new ValidationError(
    'Of queue policies the sandbox knows the denial of requests without TLS',
  );
}
