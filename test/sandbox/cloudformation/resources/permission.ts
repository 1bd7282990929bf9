import { physicalName } from '../names.ts';
import { functionAddress } from './function.ts';
import { resourceType } from './resource-type.ts';
import { optional, text } from './shape.ts';

/** `AWS::Lambda::Permission`: one statement of a function's resource policy. */
export const permission = resourceType({
  properties: {
    Action: text,
    FunctionName: text,
    Principal: text,
    SourceArn: optional(text),
  },
  replacedBy: ['Action', 'FunctionName', 'Principal', 'SourceArn'],
  create({ Action, FunctionName, Principal, SourceArn }, context) {
    const { aws, stackName, logicalId, location } = context;
    const id = physicalName(stackName, logicalId, 100);
    aws.lambda.addPermission(functionAddress(FunctionName, location), id, {
      principal: Principal,
      action: Action,
      sourceArn: SourceArn,
    });
    return { physicalId: id, attributes: {} };
  },
  delete({ physicalId }, { FunctionName }, { aws, location }) {
    aws.lambda.removePermission(functionAddress(FunctionName, location), physicalId);
  },
});
