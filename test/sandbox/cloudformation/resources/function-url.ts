import { functionAddress } from './function.ts';
import { resourceType } from './resource-type.ts';
import { only, optional, text } from './shape.ts';

/** `AWS::Lambda::Url`: the URL of a function, open to everyone whom the function's policy lets in. */
export const functionUrl = resourceType({
  properties: {
    AuthType: only('NONE'),
    TargetFunctionArn: text,
    InvokeMode: optional(only('BUFFERED')),
  },
  replacedBy: ['TargetFunctionArn'],
  attributes: ['FunctionUrl', 'FunctionArn'],
  create({ TargetFunctionArn }, { aws, location }) {
    const address = functionAddress(TargetFunctionArn, location);
    const { url, functionArn } = aws.functionUrls.create(address, location);
    return { physicalId: functionArn, attributes: { FunctionUrl: url, FunctionArn: functionArn } };
  },
  delete: ({ physicalId }, _, { aws }) => aws.functionUrls.delete(physicalId),
});
