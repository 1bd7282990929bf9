import { nameOf, resourceType } from './resource-type.ts';
import { integer, json, optional, text } from './shape.ts';

/** `AWS::Logs::LogGroup`. An update of the retention has no effect: no line lives long enough here. */
export const logGroup = resourceType({
  properties: {
    LogGroupName: optional(text),
    RetentionInDays: optional(integer),
    Tags: optional(json()),
  },
  replacedBy: ['LogGroupName'],
  attributes: ['Arn'],
  create({ LogGroupName, RetentionInDays }, context) {
    const name = nameOf(LogGroupName, context, 512);
    const { location } = context;
    const retention = { retentionInDays: RetentionInDays, location };
    const { arn } = context.aws.logs.createGroup(name, retention);
    return { physicalId: name, attributes: { Arn: arn } };
  },
  delete: ({ physicalId }, _, { aws, location }) => aws.logs.deleteGroup(physicalId, location),
});
