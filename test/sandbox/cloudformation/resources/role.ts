import type { PolicyDocument } from '../../aws/iam.ts';
import { ValidationError } from '../errors.ts';
import { sameValue } from '../values.ts';
import { nameOf, resourceType } from './resource-type.ts';
import { json, listOf, object, optional, text } from './shape.ts';

const inlinePolicy = object({ PolicyName: text, PolicyDocument: json<PolicyDocument>() });

/** `AWS::IAM::Role` */
export const role = resourceType({
  properties: {
    RoleName: optional(text),
    AssumeRolePolicyDocument: json<PolicyDocument>(),
    ManagedPolicyArns: optional(listOf(text)),
    Policies: optional(listOf(inlinePolicy)),
    Description: optional(text),
    Tags: optional(json()),
  },
  replacedBy: ['RoleName'],
  attributes: ['Arn', 'RoleId'],
  create(properties, context) {
    const name = nameOf(properties.RoleName, context, 64);
    const { arn, id } = context.aws.iam.createRole({
      name,
      trust: properties.AssumeRolePolicyDocument,
      managedPolicyArns: properties.ManagedPolicyArns ?? [],
    });
    for (const policy of properties.Policies ?? []) {
      context.aws.iam.putPolicy(name, policy.PolicyName, policy.PolicyDocument);
    }
    return { physicalId: name, attributes: { Arn: arn, RoleId: id } };
  },
  update({ physicalId }, { properties, previous }, { aws, logicalId }) {
    for (const key of ['AssumeRolePolicyDocument', 'ManagedPolicyArns'] as const) {
      if (!sameValue(properties[key] as never, previous[key] as never)) {
        throw new ValidationError(
          `${logicalId}: updating a role's ${key} is not supported by the sandbox`,
        );
      }
    }
    for (const { PolicyName } of previous.Policies ?? [])
      aws.iam.deletePolicy(physicalId, PolicyName);
    for (const policy of properties.Policies ?? []) {
      aws.iam.putPolicy(physicalId, policy.PolicyName, policy.PolicyDocument);
    }
  },
  delete({ physicalId }, properties, { aws }) {
    for (const { PolicyName } of properties.Policies ?? [])
      aws.iam.deletePolicy(physicalId, PolicyName);
    aws.iam.deleteRole(physicalId);
  },
});
