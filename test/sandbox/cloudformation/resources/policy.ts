import type { Location } from '../../aws/account.ts';
import type { PolicyDocument } from '../../aws/iam.ts';
import { nameSuffix } from '../names.ts';
import { resourceType } from './resource-type.ts';
import { roleAddress } from './role.ts';
import { json, listOf, text } from './shape.ts';

/** `AWS::IAM::Policy`: the same inline policy in each of its roles. */
export const policy = resourceType({
  properties: {
    PolicyName: text,
    PolicyDocument: json<PolicyDocument>(),
    Roles: listOf(text),
  },
  replacedBy: [],
  create({ PolicyName, PolicyDocument, Roles }, { aws, stackName, logicalId, location }) {
    for (const role of addresses(Roles, location))
      aws.iam.putPolicy(role, PolicyName, PolicyDocument);
    const id = `${stackName.slice(0, 5)}-${logicalId.slice(0, 5)}-${nameSuffix()}`;
    return { physicalId: id, attributes: {} };
  },
  update(_, { properties, previous }, { aws, location }) {
    const { PolicyName, PolicyDocument, Roles } = properties;
    const roles = addresses(Roles, location);
    for (const role of roles) aws.iam.putPolicy(role, PolicyName, PolicyDocument);
    for (const role of addresses(previous.Roles, location)) {
      if (PolicyName === previous.PolicyName && roles.includes(role)) continue;
      aws.iam.deletePolicy(role, previous.PolicyName);
    }
  },
  delete(_, { PolicyName, Roles }, { aws, location }) {
    for (const role of addresses(Roles, location)) aws.iam.deletePolicy(role, PolicyName);
  },
});

function addresses(roles: readonly string[], location: Location): string[] {
  return roles.map((role) => roleAddress(role, location));
}
