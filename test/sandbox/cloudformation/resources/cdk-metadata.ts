import { physicalName } from '../names.ts';
import { resourceType } from './resource-type.ts';
import { optional, text } from './shape.ts';

/** `AWS::CDK::Metadata`: the constructs that an app uses. There is no resource behind it. */
export const cdkMetadata = resourceType({
  properties: { Analytics: optional(text) },
  replacedBy: [],
  create: (_, { stackName, logicalId }) => ({
    physicalId: physicalName(stackName, logicalId, 128),
    attributes: {},
  }),
  delete() {},
});
