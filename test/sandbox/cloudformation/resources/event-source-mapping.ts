import type { Location } from '../../aws/account.ts';
import type { MappingConfiguration } from '../../aws/event-sources/event-source-mapping.ts';
import { functionAddress } from './function.ts';
import { resourceType } from './resource-type.ts';
import { integer, json, listOf, type ObjectOf, object, only, optional, text } from './shape.ts';

const properties = {
  EventSourceArn: text,
  FunctionName: text,
  BatchSize: optional(integer),
  Enabled: optional(only(true)),
  FunctionResponseTypes: optional(listOf(only('ReportBatchItemFailures'))),
  ScalingConfig: optional(object({ MaximumConcurrency: optional(integer) })),
  Tags: optional(json()),
};

/** `AWS::Lambda::EventSourceMapping` from an SQS queue. */
export const eventSourceMapping = resourceType({
  properties,
  replacedBy: ['EventSourceArn'],
  attributes: ['Id'],
  create(wanted, { aws, location }) {
    const { id } = aws.eventSources.create(configuration(wanted, location));
    return { physicalId: id, attributes: { Id: id } };
  },
  update({ physicalId }, change, { aws, location }) {
    aws.eventSources.update(physicalId, configuration(change.properties, location));
  },
  delete: ({ physicalId }, _, { aws }) => aws.eventSources.delete(physicalId),
});

function configuration(
  wanted: ObjectOf<typeof properties>,
  location: Location,
): MappingConfiguration {
  return {
    functionName: functionAddress(wanted.FunctionName, location),
    queueArn: wanted.EventSourceArn,
    batchSize: wanted.BatchSize ?? 10,
    maxConcurrency: wanted.ScalingConfig?.MaximumConcurrency,
    reportsBatchItemFailures:
      wanted.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
  };
}
