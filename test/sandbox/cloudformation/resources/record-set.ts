import type { DnsRecord } from '../../aws/route53.ts';
import { ValidationError } from '../errors.ts';
import { resourceType } from './resource-type.ts';
import { boolean, listOf, type ObjectOf, object, only, optional, text } from './shape.ts';

const properties = {
  HostedZoneId: text,
  Name: text,
  Type: only('A', 'AAAA', 'CNAME'),
  AliasTarget: optional(
    object({ DNSName: text, HostedZoneId: text, EvaluateTargetHealth: optional(boolean) }),
  ),
  ResourceRecords: optional(listOf(text)),
  TTL: optional(text),
  Comment: optional(text),
};

/** `AWS::Route53::RecordSet`: an alias or a CNAME that leads to a name of AWS. */
export const recordSet = resourceType({
  properties,
  replacedBy: ['HostedZoneId', 'Name', 'Type'],
  create(wanted, { aws }) {
    aws.route53.create(recordOf(wanted));
    return { physicalId: withoutDot(wanted.Name), attributes: {} };
  },
  update(_, { properties: wanted }, { aws }) {
    aws.route53.update(recordOf(wanted));
  },
  delete: (_, wanted, { aws }) => aws.route53.delete(recordOf(wanted)),
});

function recordOf(wanted: ObjectOf<typeof properties>): DnsRecord {
  const { HostedZoneId: zoneId, Name, Type: type, AliasTarget, ResourceRecords = [] } = wanted;
  const [target, ...others] = AliasTarget ? [AliasTarget.DNSName] : ResourceRecords;
  if (target === undefined || others.length > 0 || (type === 'CNAME') !== !AliasTarget) {
    throw new ValidationError('The sandbox supports only aliases, and CNAMEs with one value');
  }
  const targetZoneId = AliasTarget?.HostedZoneId;
  return { zoneId, name: withoutDot(Name), type, target: withoutDot(target), targetZoneId };
}

function withoutDot(name: string): string {
  return name.replace(/\.$/, '');
}
