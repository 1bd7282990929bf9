import type { PolicyDocument } from '../../aws/iam.ts';
import { resourceType } from './resource-type.ts';
import { boolean, integer, json, only, optional, text } from './shape.ts';

/** `AWS::KMS::Key`: a symmetric key. Nothing is rotated, and a deleted key does not wait. */
export const kmsKey = resourceType({
  properties: {
    KeyPolicy: json<PolicyDocument>(),
    Description: optional(text),
    Enabled: optional(only(true)),
    EnableKeyRotation: optional(boolean),
    PendingWindowInDays: optional(integer),
    Tags: optional(json()),
  },
  replacedBy: [],
  attributes: ['Arn', 'KeyId'],
  create({ KeyPolicy }, { aws, location }) {
    const { id, arn } = aws.kms.createKey(KeyPolicy, location);
    return { physicalId: id, attributes: { Arn: arn, KeyId: id } };
  },
  update({ attributes }, { properties }, { aws }) {
    aws.kms.setPolicy(String(attributes.Arn), properties.KeyPolicy);
  },
  delete: ({ attributes }, _, { aws }) => aws.kms.deleteKey(String(attributes.Arn)),
});
