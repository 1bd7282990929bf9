import { Stack, Token } from 'aws-cdk-lib';
import {
  ApiMapping,
  DomainName,
  type IHttpStage,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigatewayv2';
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
    const regions = [certificate.env.region, Stack.of(this).region];
    if (!regions.some((region) => Token.isUnresolved(region)) && regions[0] !== regions[1]) {
      throw new Error(
        `domain.certificate must be in the stack's region ${regions[1]}, got one in ${regions[0]}: create it there`,
      );
    }
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
