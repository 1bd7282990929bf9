import { randomId } from '../../aws/account.ts';
import { resourceType } from './resource-type.ts';
import { json, optional, text } from './shape.ts';

/** `AWS::EC2::SecurityGroup`, which exists in name only: nothing is in a VPC here. */
export const securityGroup = resourceType({
  properties: {
    GroupDescription: text,
    GroupName: optional(text),
    VpcId: optional(text),
    SecurityGroupEgress: optional(json()),
    SecurityGroupIngress: optional(json()),
    Tags: optional(json()),
  },
  replacedBy: ['GroupDescription', 'GroupName', 'VpcId'],
  attributes: ['GroupId', 'VpcId'],
  create({ VpcId = 'vpc-default' }) {
    const physicalId = `sg-${randomId(17, '0123456789abcdef')}`;
    return { physicalId, attributes: { GroupId: physicalId, VpcId } };
  },
  delete() {},
});
