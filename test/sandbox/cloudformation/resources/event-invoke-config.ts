import { physicalName } from '../names.ts';
import { functionAddress } from './function.ts';
import { resourceType } from './resource-type.ts';
import { integer, type ObjectOf, only, optional, text } from './shape.ts';

const properties = {
  FunctionName: text,
  Qualifier: only('$LATEST'),
  MaximumRetryAttempts: optional(integer),
  MaximumEventAgeInSeconds: optional(integer),
};

/** `AWS::Lambda::EventInvokeConfig` without destinations. */
export const eventInvokeConfig = resourceType({
  properties,
  replacedBy: ['FunctionName', 'Qualifier'],
  create(wanted, { aws, location, stackName, logicalId }) {
    aws.eventInvokeConfigs.create(functionAddress(wanted.FunctionName, location), config(wanted));
    return { physicalId: physicalName(stackName, logicalId, 100), attributes: {} };
  },
  update(_, { properties: wanted }, { aws, location }) {
    aws.eventInvokeConfigs.put(functionAddress(wanted.FunctionName, location), config(wanted));
  },
  delete(_, { FunctionName }, { aws, location }) {
    aws.eventInvokeConfigs.delete(functionAddress(FunctionName, location));
  },
});

function config(wanted: ObjectOf<typeof properties>) {
  return { maxRetries: wanted.MaximumRetryAttempts, maxAge: wanted.MaximumEventAgeInSeconds };
}
