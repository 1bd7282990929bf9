import type { ApiMapping } from '../../aws/api-gateway/api-gateway.ts';
import { ValidationError } from '../errors.ts';
import { resourceType } from './resource-type.ts';
import { json, listOf, object, only, optional, text } from './shape.ts';

/** `AWS::ApiGatewayV2::DomainName`: a regional custom domain name. Its certificate is not looked at. */
export const domainName = resourceType({
  properties: {
    DomainName: text,
    DomainNameConfigurations: listOf(
      object({
        CertificateArn: text,
        EndpointType: optional(only('REGIONAL')),
        SecurityPolicy: optional(only('TLS_1_2')),
        IpAddressType: optional(only('ipv4', 'dualstack')),
      }),
    ),
    Tags: optional(json()),
  },
  replacedBy: ['DomainName'],
  attributes: ['RegionalDomainName', 'RegionalHostedZoneId'],
  create({ DomainName, DomainNameConfigurations }, { aws, location }) {
    const [configuration, ...others] = DomainNameConfigurations;
    if (!configuration || others.length > 0) {
      throw new ValidationError('DomainNameConfigurations must have one item');
    }
    const certificateArn = configuration.CertificateArn;
    const { regionalName, regionalZoneId } = aws.apiGateway.domains.create({
      name: DomainName,
      certificateArn,
      location,
    });
    const attributes = { RegionalDomainName: regionalName, RegionalHostedZoneId: regionalZoneId };
    return { physicalId: DomainName, attributes };
  },
  delete: ({ physicalId }, _, { aws }) => aws.apiGateway.domains.delete(physicalId),
});

const mappingProperties = {
  ApiId: text,
  ApiMappingKey: optional(text),
  DomainName: text,
  Stage: text,
};

/** `AWS::ApiGatewayV2::ApiMapping` */
export const apiMapping = resourceType({
  properties: mappingProperties,
  replacedBy: ['DomainName'],
  attributes: ['ApiMappingId'],
  create(properties, { aws }) {
    const { id } = aws.apiGateway.domains.createMapping(properties.DomainName, mapping(properties));
    return { physicalId: id, attributes: { ApiMappingId: id } };
  },
  update({ physicalId }, { properties }, { aws }) {
    aws.apiGateway.domains.updateMapping(properties.DomainName, physicalId, mapping(properties));
  },
  delete: ({ physicalId }, { DomainName }, { aws }) =>
    aws.apiGateway.domains.deleteMapping(DomainName, physicalId),
});

function mapping({
  ApiId,
  Stage,
  ApiMappingKey = '',
}: {
  ApiId: string;
  Stage: string;
  ApiMappingKey: string | undefined;
}): ApiMapping {
  return { apiId: ApiId, stage: Stage, key: ApiMappingKey };
}
