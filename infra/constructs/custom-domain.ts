import { Stack, Token } from 'aws-cdk-lib';
import {
  ApiMapping,
  DomainName,
  type IHttpStage,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigatewayv2';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { ARecord, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { ApiGatewayv2DomainProperties } from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
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

function checkRegion({ certificateArn, env }: ICertificate, { region }: Stack): void {
  // The CDK takes an imported certificate for one of the stack's region.
  const own = Token.isUnresolved(certificateArn) ? env.region : certificateArn.split(':')[3];
  if ([own, region].some((one) => Token.isUnresolved(one)) || own === region) return;
  throw new Error(
    `domain.certificate must be in the stack's region ${region}, got one in ${own}: create it there`,
  );
}
