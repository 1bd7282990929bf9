import type { Location } from '../../aws/account.ts';
import type { PolicyDocument } from '../../aws/iam.ts';
import { UnsupportedError } from '../errors.ts';
import { sameValue } from '../values.ts';
import { nameOf, resourceType } from './resource-type.ts';
import { json, listOf, object, optional, text } from './shape.ts';

const inlinePolicy = object({ PolicyName: text, PolicyDocument: json<PolicyDocument>() });

/** Returns the ARN of a role by its name or its ARN. Policies name the role by its name. */
export function roleAddress(nameOrArn: string, { account }: Location): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn : `arn:aws:iam::${account}:role/${nameOrArn}`;
}

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
      account: context.location.account,
      trust: properties.AssumeRolePolicyDocument,
      managedPolicyArns: properties.ManagedPolicyArns ?? [],
    });
    for (const policy of properties.Policies ?? []) {
      context.aws.iam.putPolicy(arn, policy.PolicyName, policy.PolicyDocument);
    }
    return { physicalId: name, attributes: { Arn: arn, RoleId: id } };
  },
  update({ physicalId }, { properties, previous }, { aws, logicalId, location }) {
    const trust = [properties, previous].map((role) => role.AssumeRolePolicyDocument as never);
    if (!sameValue(trust[0], trust[1])) {
      throw new UnsupportedError(
        `${logicalId}: updating a role's AssumeRolePolicyDocument is not supported by the sandbox`,
      );
    }
    const role = roleAddress(physicalId, location);
    aws.iam.attach(role, properties.ManagedPolicyArns ?? []);
    for (const { PolicyName } of previous.Policies ?? []) aws.iam.deletePolicy(role, PolicyName);
    for (const policy of properties.Policies ?? []) {
      aws.iam.putPolicy(role, policy.PolicyName, policy.PolicyDocument);
    }
  },
  delete({ physicalId }, properties, { aws, location }) {
    const role = roleAddress(physicalId, location);
    for (const { PolicyName } of properties.Policies ?? []) aws.iam.deletePolicy(role, PolicyName);
    aws.iam.deleteRole(role);
  },
});
