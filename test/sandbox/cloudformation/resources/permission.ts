import { physicalName } from '../names.ts';
import { functionAddress } from './function.ts';
import { resourceType } from './resource-type.ts';
import { boolean, only, optional, text } from './shape.ts';

/** `AWS::Lambda::Permission`: one statement of a function's resource policy. */
export const permission = resourceType({
  properties: {
    Action: text,
    FunctionName: text,
    Principal: text,
    SourceArn: optional(text),
    FunctionUrlAuthType: optional(only('NONE', 'AWS_IAM')),
    InvokedViaFunctionUrl: optional(boolean),
  },
  replacedBy: [
    'Action',
    'FunctionName',
    'Principal',
    'SourceArn',
    'FunctionUrlAuthType',
    'InvokedViaFunctionUrl',
  ],
  create({ Action, FunctionName, Principal, SourceArn, ...forUrl }, context) {
    const { aws, stackName, logicalId, location } = context;
    const id = physicalName(stackName, logicalId, 100);
    aws.lambda.addPermission(functionAddress(FunctionName, location), id, {
      principal: Principal,
      action: Action,
      sourceArn: SourceArn,
      functionUrlAuthType: forUrl.FunctionUrlAuthType,
      invokedViaFunctionUrl: forUrl.InvokedViaFunctionUrl,
    });
    return { physicalId: id, attributes: {} };
  },
  delete({ physicalId }, { FunctionName }, { aws, location }) {
    aws.lambda.removePermission(functionAddress(FunctionName, location), physicalId);
  },
});
