import { physicalName } from '../names.ts';
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
  create({ Action, FunctionName, Principal, SourceArn }, { aws, stackName, logicalId }) {
    const id = physicalName(stackName, logicalId, 100);
    aws.lambda.addPermission(functionName(FunctionName), id, {
      principal: Principal,
      action: Action,
      sourceArn: SourceArn,
    });
    return { physicalId: id, attributes: {} };
  },
  delete({ physicalId }, { FunctionName }, { aws }) {
    aws.lambda.removePermission(functionName(FunctionName), physicalId);
  },
});

function functionName(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf(':') + 1);
}
