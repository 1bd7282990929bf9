import { nameOf, resourceType } from './resource-type.ts';
import { json, optional, text } from './shape.ts';

/** `AWS::SSM::Parameter`: a value that templates and functions can read. */
export const ssmParameter = resourceType({
  properties: {
    Name: optional(text),
    Type: text,
    Value: text,
    Description: optional(text),
    Tier: optional(text),
    DataType: optional(text),
    AllowedPattern: optional(text),
    Tags: optional(json()),
  },
  replacedBy: ['Name'],
  attributes: ['Type', 'Value'],
  create({ Name, Type, Value }, context) {
    const name = nameOf(Name, context, 1011);
    context.aws.parameters.put(name, { type: Type, value: Value }, context.location);
    return { physicalId: name, attributes: { Type, Value } };
  },
  update({ physicalId }, { properties: { Type, Value } }, { aws, location }) {
    aws.parameters.put(physicalId, { type: Type, value: Value }, location);
    return { physicalId, attributes: { Type, Value } };
  },
  delete: ({ physicalId }, _, { aws, location }) => aws.parameters.delete(physicalId, location),
});
