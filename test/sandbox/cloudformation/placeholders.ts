import { createHash } from 'node:crypto';
import { arnOf, type Location } from '../aws/account.ts';
import { nameSuffix, physicalName } from './names.ts';
import { displayType, type ResourceIdentity } from './resource-identity.ts';
import type { Value, ValueObject } from './values.ts';

/** Types whose `Ref` is an ARN, with the part of the ARN before the name. */
const ARNS: Readonly<Record<string, string>> = {
  'AWS::CertificateManager::Certificate': 'certificate/',
  'AWS::CloudWatch::CompositeAlarm': 'alarm:',
  'AWS::ECS::Service': 'service/',
  'AWS::ECS::TaskDefinition': 'task-definition/',
  'AWS::ElasticLoadBalancingV2::Listener': 'listener/',
  'AWS::ElasticLoadBalancingV2::LoadBalancer': 'loadbalancer/',
  'AWS::ElasticLoadBalancingV2::TargetGroup': 'targetgroup/',
  'AWS::IAM::ManagedPolicy': 'policy/',
  'AWS::Lambda::LayerVersion': 'layer:',
  'AWS::SNS::Subscription': '',
  'AWS::SNS::Topic': '',
  'AWS::StepFunctions::StateMachine': 'stateMachine:',
};

/** The part of an ARN before the name where it is not the type's own word, by type. */
const PREFIXES: Readonly<Record<string, string>> = {
  ...ARNS,
  'AWS::CloudWatch::Alarm': 'alarm:',
  'AWS::Events::EventBus': 'event-bus/',
  'AWS::Kinesis::Stream': 'stream/',
  'AWS::Logs::MetricFilter': 'metric-filter:',
  'AWS::S3::Bucket': '',
  'AWS::SQS::Queue': '',
};

/** ARN namespaces that differ from the service in the type's name. */
const NAMESPACES: Readonly<Record<string, string>> = {
  apigatewayv2: 'apigateway',
  certificatemanager: 'acm',
  cognito: 'cognito-idp',
  efs: 'elasticfilesystem',
  elasticloadbalancingv2: 'elasticloadbalancing',
  kinesisfirehose: 'firehose',
  opensearchservice: 'es',
  stepfunctions: 'states',
};

/** The beginning of the ids that a service makes up, by type. */
const IDS: Readonly<Record<string, string>> = {
  'AWS::EC2::EIP': 'eipalloc-',
  'AWS::EC2::InternetGateway': 'igw-',
  'AWS::EC2::NatGateway': 'nat-',
  'AWS::EC2::RouteTable': 'rtb-',
  'AWS::EC2::SecurityGroup': 'sg-',
  'AWS::EC2::Subnet': 'subnet-',
  'AWS::EC2::VPC': 'vpc-',
  'AWS::EC2::VPCEndpoint': 'vpce-',
  'AWS::EFS::AccessPoint': 'fsap-',
  'AWS::EFS::FileSystem': 'fs-',
};

const LISTS = /(Associations|Blocks|Servers|Entries|Ids|Subnets|Zones|Addresses)$/;

/**
 * Makes up what `Ref` returns for a resource that exists in name only: the name in the template, or an id or an
 * ARN in the service's form.
 */
export function placeholderId(resource: ResourceIdentity, properties: ValueObject): string {
  const { type, logicalId, stackName, location } = resource;
  const prefix = IDS[type];
  if (prefix) return `${prefix}0${hex(`${stackName}${logicalId}${nameSuffix()}`, 16)}`;
  const word = type.split('::').at(-1) ?? '';
  const given = properties[`${word}Name`] ?? properties.Name;
  let name = typeof given === 'string' ? given : physicalName(stackName, logicalId, 64);
  if (type === 'AWS::S3::Bucket') name = name.toLowerCase();
  if (type === 'AWS::SQS::Queue') {
    return `https://sqs.${location.region}.amazonaws.com/${location.account}/${name}`;
  }
  return type in ARNS ? arnFor(type, name, location) : name;
}

/** Makes up an attribute from its name: `…Arn` is an ARN, `…Url` a URL. The same id gives the same value. */
export function placeholderAttribute(
  type: string,
  attribute: string,
  { physicalId, location }: { physicalId: string; location: Location },
): Value {
  const name = attribute.split('.').at(-1) ?? attribute;
  if (LISTS.test(name))
    return [placeholderAttribute(type, name.slice(0, -1), { physicalId, location })];
  const plain = physicalId.slice(
    Math.max(physicalId.lastIndexOf('/'), physicalId.lastIndexOf(':')) + 1,
  );
  const host = `${plain.toLowerCase()}.${service(type)}.${location.region}.amazonaws.com`;
  if (/arn$/i.test(name)) {
    if (name.toLowerCase() === 'arn' || name.startsWith(displayType(type))) {
      return physicalId.startsWith('arn:') ? physicalId : arnFor(type, plain, location);
    }
    return arnOf(service(type), `${name.slice(0, -3).toLowerCase()}/${plain}`, location);
  }
  if (/ur[il]$/i.test(name)) {
    return physicalId.startsWith('https:') ? physicalId : `https://${host}/`;
  }
  if (/(DomainName|Endpoint|Host|Hostname|Address|DNSName)$/.test(name)) return host;
  if (/Port$/.test(name)) return '443';
  if (/SecurityGroup$/.test(name)) return `sg-0${hex(physicalId, 16)}`;
  if (/CidrBlock$/.test(name)) return '10.0.0.0/16';
  if (/Name$/.test(name)) return plain;
  if (/Id$/.test(name)) return physicalId.startsWith('arn:') ? plain : physicalId;
  return `${plain}-${name}`;
}

function arnFor(type: string, name: string, location: Location): string {
  const prefix = PREFIXES[type] ?? `${displayType(type).toLowerCase()}/`;
  if (type.startsWith('AWS::S3::')) return `arn:aws:s3:::${name}`;
  if (/^AWS::(IAM|CloudFront|Route53)::/.test(type)) {
    return arnOf(service(type), prefix + name, { ...location, region: '' });
  }
  return arnOf(service(type), prefix + name, location);
}

function service(type: string): string {
  const name = (type.split('::')[1] ?? 'custom').toLowerCase();
  return NAMESPACES[name] ?? name;
}

function hex(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}
