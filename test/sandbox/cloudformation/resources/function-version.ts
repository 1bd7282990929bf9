import { locationOf } from '../../aws/account.ts';
import { functionAddress } from './function.ts';
import { type Context, type Physical, resourceType } from './resource-type.ts';
import { json, optional, text } from './shape.ts';

/** `AWS::Lambda::Version`. It runs the newest code of its function, like every version here. */
export const version = resourceType({
  properties: { FunctionName: text, Description: optional(text), CodeSha256: optional(text) },
  replacedBy: ['FunctionName', 'CodeSha256'],
  attributes: ['Version', 'FunctionArn'],
  create({ FunctionName }, context) {
    const { physicalId } = qualify(FunctionName, '1', context);
    return { physicalId, attributes: { Version: '1', FunctionArn: physicalId } };
  },
  delete: () => {},
});

/** `AWS::Lambda::Alias`. It leads to the newest code of its function, without weights. */
export const alias = resourceType({
  properties: {
    Name: text,
    FunctionName: text,
    FunctionVersion: text,
    Description: optional(text),
    RoutingConfig: optional(json()),
    ProvisionedConcurrencyConfig: optional(json()),
  },
  replacedBy: ['Name', 'FunctionName'],
  attributes: ['AliasArn'],
  create({ Name, FunctionName }, context) {
    const { physicalId } = qualify(FunctionName, Name, context);
    return { physicalId, attributes: { AliasArn: physicalId } };
  },
  delete({ physicalId }, { Name }, { aws }) {
    aws.lambda.removeQualifier?.(physicalId, Name);
  },
});

function qualify(functionName: string, qualifier: string, context: Context): Physical {
  const { aws, location } = context;
  const address = functionAddress(functionName, location);
  aws.lambda.addQualifier?.(address, qualifier);
  const { name, location: at = locationOf('') } = aws.lambda.configurationOf(address);
  const arn = `arn:aws:lambda:${at.region}:${at.account}:function:${name}:${qualifier}`;
  return { physicalId: arn, attributes: {} };
}
