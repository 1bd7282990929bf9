import { Stack, Token, Validations } from 'aws-cdk-lib';
import {
  ApiMapping,
  DomainName,
  type IHttpStage,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigatewayv2';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { ARecord, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { ApiGatewayv2DomainProperties } from 'aws-cdk-lib/aws-route53-targets';
import { Construct, type IConstruct } from 'constructs';
import type { EndpointDomain } from '../settings/endpoint.ts';

export interface CustomDomainProps extends EndpointDomain {
  readonly stage: IHttpStage;
  /** Without a slash at either end. */
  readonly basePath?: string;
}

/** A domain of the user's in front of a stage: its name, its mapping, and an alias record if its zone is known. */
export class CustomDomain extends Construct {
  readonly name: DomainName;
  readonly mapping: ApiMapping;
  /** IPv4 only, as Telegram is. */
  readonly record?: ARecord;

  constructor(scope: Construct, id: string, props: CustomDomainProps) {
    super(scope, id);
    const { name, certificate, hostedZone, stage, basePath } = props;
    checkRegion(certificate, Stack.of(this));
    reserve(name, this);
    this.name = new DomainName(this, 'Name', {
      domainName: name,
      certificate,
      securityPolicy: SecurityPolicy.TLS_1_2,
    });
    // Another key is another mapping, so that the old URL works until Telegram has the new one.
    this.mapping = new ApiMapping(this, basePath ? `Mapping-${basePath}` : 'Mapping', {
      api: stage.api,
      stage,
      domainName: this.name,
      apiMappingKey: basePath,
    });
    if (!hostedZone) return;
    const { regionalDomainName, regionalHostedZoneId } = this.name;
    const alias = new ApiGatewayv2DomainProperties(regionalDomainName, regionalHostedZoneId);
    this.record = new ARecord(this, 'Record', {
      zone: hostedZone,
      recordName: `${name}.`,
      target: RecordTarget.fromAlias(alias),
    });
  }
}

/** Domains by name; one map per app. */
const domainsByApp = new WeakMap<IConstruct, Map<string, CustomDomain[]>>();

/**
 * Reserves a name for a domain. API Gateway has a name once in a region, in whatever account. Two stacks that may be
 * deployed to different regions only get a warning.
 *
 * @throws Error for a name that another bot of the app has in the same region
 */
function reserve(name: string, domain: CustomDomain): void {
  const { root } = domain.node;
  const domains = domainsByApp.get(root) ?? new Map<string, CustomDomain[]>();
  domainsByApp.set(root, domains);
  const owners = domains.get(name) ?? [];
  domains.set(name, [...owners, domain]);
  const stack = Stack.of(domain);
  for (const owner of owners) {
    const other = Stack.of(owner);
    const isUnknown = [name, stack.region, other.region].some((text) => Token.isUnresolved(text));
    if (!isUnknown && stack.region !== other.region) continue;
    const shared = `${domain.node.path} and ${owner.node.path} both create the domain ${name}`;
    const fix =
      'give each bot a domain of its own, or both one API (Endpoint.httpApi({ api })) that the domain is mapped to';
    if (!isUnknown || stack === other) throw new Error(`${shared}: ${fix}`);
    Validations.of(domain).addWarning(
      'telegram-webhook-kit:sharedDomain',
      `${shared}, and the second deploy fails if both stacks are in the same region: give them envs of two regions, or ${fix}`,
    );
  }
}

function checkRegion({ certificateArn, env }: ICertificate, { region }: Stack): void {
  // The CDK takes an imported certificate for one of the stack's region.
  const own = Token.isUnresolved(certificateArn) ? env.region : certificateArn.split(':')[3];
  if ([own, region].some((one) => Token.isUnresolved(one)) || own === region) return;
  throw new Error(
    `domain.certificate must be in the stack's region ${region}, got one in ${own}: create it there`,
  );
}
