import type { PolicyDocument } from '../../aws/iam.ts';
import { nameOf, resourceType } from './resource-type.ts';
import { roleAddress } from './role.ts';
import { json, listOf, optional, text } from './shape.ts';

/** `AWS::IAM::ManagedPolicy`: a policy of the account, attached to roles. */
export const managedPolicy = resourceType({
  properties: {
    ManagedPolicyName: optional(text),
    PolicyDocument: json<PolicyDocument>(),
    Roles: optional(listOf(text)),
    Users: optional(json()),
    Groups: optional(json()),
    Path: optional(text),
    Description: optional(text),
  },
  replacedBy: ['ManagedPolicyName', 'Path', 'Description'],
  attributes: ['PolicyArn'],
  create({ ManagedPolicyName, PolicyDocument, Roles = [] }, context) {
    const { aws, location } = context;
    const name = nameOf(ManagedPolicyName, context, 128);
    const arn = `arn:aws:iam::${location.account}:policy/${name}`;
    aws.iam.putManagedPolicy(arn, PolicyDocument);
    for (const role of Roles) aws.iam.attachOne(roleAddress(role, location), arn);
    return { physicalId: arn, attributes: { PolicyArn: arn } };
  },
  update({ physicalId }, { properties, previous }, { aws, location }) {
    aws.iam.putManagedPolicy(physicalId, properties.PolicyDocument);
    for (const role of previous.Roles ?? [])
      aws.iam.detachOne(roleAddress(role, location), physicalId);
    for (const role of properties.Roles ?? [])
      aws.iam.attachOne(roleAddress(role, location), physicalId);
  },
  delete({ physicalId }, { Roles = [] }, { aws, location }) {
    for (const role of Roles) aws.iam.detachOne(roleAddress(role, location), physicalId);
    aws.iam.deleteManagedPolicy(physicalId);
  },
});
