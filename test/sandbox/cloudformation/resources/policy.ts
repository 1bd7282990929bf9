import type { PolicyDocument } from '../../aws/iam.ts';
import { nameSuffix } from '../names.ts';
import { resourceType } from './resource-type.ts';
import { json, listOf, text } from './shape.ts';

/** `AWS::IAM::Policy`: the same inline policy in each of its roles. */
export const policy = resourceType({
  properties: {
    PolicyName: text,
    PolicyDocument: json<PolicyDocument>(),
    Roles: listOf(text),
  },
  replacedBy: [],
  create({ PolicyName, PolicyDocument, Roles }, { aws, stackName, logicalId }) {
    for (const role of Roles) aws.iam.putPolicy(role, PolicyName, PolicyDocument);
    const id = `${stackName.slice(0, 5)}-${logicalId.slice(0, 5)}-${nameSuffix()}`;
    return { physicalId: id, attributes: {} };
  },
  update(_, { properties, previous }, { aws }) {
    const { PolicyName, PolicyDocument, Roles } = properties;
    for (const role of Roles) aws.iam.putPolicy(role, PolicyName, PolicyDocument);
    for (const role of previous.Roles) {
      if (PolicyName === previous.PolicyName && Roles.includes(role)) continue;
      aws.iam.deletePolicy(role, previous.PolicyName);
    }
  },
  delete(_, { PolicyName, Roles }, { aws }) {
    for (const role of Roles) aws.iam.deletePolicy(role, PolicyName);
  },
});
