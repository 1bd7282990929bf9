import { UnsupportedError } from '../errors.ts';
import { resourceType } from './resource-type.ts';
import { boolean, integer, json, object, only, optional, text } from './shape.ts';

/** `AWS::ApiGatewayV2::Api`: an HTTP API. Its name, description and tags have no effect. */
export const api = resourceType({
  properties: {
    Name: text,
    ProtocolType: only('HTTP'),
    Description: optional(text),
    DisableExecuteApiEndpoint: optional(boolean),
    Tags: optional(json()),
  },
  replacedBy: ['ProtocolType'],
  attributes: ['ApiEndpoint', 'ApiId'],
  create({ Name, DisableExecuteApiEndpoint: isDefaultEndpointDisabled }, { aws, location }) {
    const { id, endpoint } = aws.apiGateway.createApi({
      name: Name,
      location,
      isDefaultEndpointDisabled,
    });
    return { physicalId: id, attributes: { ApiEndpoint: endpoint, ApiId: id } };
  },
  update({ physicalId }, { properties: { DisableExecuteApiEndpoint = false } }, { aws }) {
    aws.apiGateway.updateApi(physicalId, { isDefaultEndpointDisabled: DisableExecuteApiEndpoint });
  },
  delete: ({ physicalId }, _, { aws }) => aws.apiGateway.deleteApi(physicalId),
});

/** `AWS::ApiGatewayV2::Integration` */
export const integration = resourceType({
  properties: {
    ApiId: text,
    IntegrationType: only('AWS_PROXY'),
    IntegrationUri: text,
    PayloadFormatVersion: text,
  },
  replacedBy: ['ApiId'],
  async create({ ApiId, IntegrationUri, PayloadFormatVersion }, { aws }) {
    await aws.apiGateway.change(ApiId);
    const { id } = aws.apiGateway.createIntegration(ApiId, {
      functionArn: IntegrationUri,
      payloadFormatVersion: PayloadFormatVersion,
    });
    return { physicalId: id, attributes: {} };
  },
  async update(
    { physicalId },
    { properties: { ApiId, IntegrationUri, PayloadFormatVersion } },
    { aws },
  ) {
    await aws.apiGateway.change(ApiId);
    aws.apiGateway.updateIntegration(ApiId, physicalId, {
      functionArn: IntegrationUri,
      payloadFormatVersion: PayloadFormatVersion,
    });
  },
  async delete({ physicalId }, { ApiId }, { aws }) {
    await aws.apiGateway.change(ApiId);
    aws.apiGateway.deleteIntegration(ApiId, physicalId);
  },
});

/** `AWS::ApiGatewayV2::Route` */
export const route = resourceType({
  properties: {
    ApiId: text,
    RouteKey: text,
    Target: text,
    AuthorizationType: optional(only('NONE')),
  },
  replacedBy: ['ApiId'],
  async create({ ApiId, RouteKey, Target }, { aws }) {
    await aws.apiGateway.change(ApiId);
    const { id } = aws.apiGateway.createRoute(ApiId, {
      routeKey: RouteKey,
      integrationId: integrationId(Target),
    });
    return { physicalId: id, attributes: {} };
  },
  async update({ physicalId }, { properties: { ApiId, RouteKey, Target } }, { aws }) {
    await aws.apiGateway.change(ApiId);
    aws.apiGateway.updateRoute(ApiId, physicalId, {
      routeKey: RouteKey,
      integrationId: integrationId(Target),
    });
  },
  async delete({ physicalId }, { ApiId }, { aws }) {
    await aws.apiGateway.change(ApiId);
    aws.apiGateway.deleteRoute(ApiId, physicalId);
  },
});

function integrationId(target: string): string {
  const id = /^integrations\/(.+)$/.exec(target)?.[1];
  if (id === undefined)
    throw new UnsupportedError(`Target ${target} is not supported by the sandbox`);
  return id;
}

const accessLogSettings = object({ DestinationArn: text, Format: text });

/** `AWS::ApiGatewayV2::Stage`. Nothing is throttled or metered in the sandbox. */
export const stage = resourceType({
  properties: {
    ApiId: text,
    StageName: text,
    AutoDeploy: optional(boolean),
    AccessLogSettings: optional(accessLogSettings),
    DefaultRouteSettings: optional(
      object({
        ThrottlingBurstLimit: optional(integer),
        ThrottlingRateLimit: optional(integer),
        DetailedMetricsEnabled: optional(boolean),
      }),
    ),
    Description: optional(text),
    Tags: optional(json()),
  },
  replacedBy: ['ApiId', 'StageName'],
  create(properties, { aws }) {
    aws.apiGateway.createStage(properties.ApiId, stageSettings(properties));
    return { physicalId: properties.StageName, attributes: {} };
  },
  update(_, { properties }, { aws }) {
    aws.apiGateway.updateStage(properties.ApiId, stageSettings(properties));
  },
  delete({ physicalId }, { ApiId }, { aws }) {
    aws.apiGateway.deleteStage(ApiId, physicalId);
  },
});

function stageSettings(properties: {
  StageName: string;
  AutoDeploy: boolean | undefined;
  AccessLogSettings: { DestinationArn: string; Format: string } | undefined;
}) {
  const { StageName: name, AutoDeploy: autoDeploy = false, AccessLogSettings: log } = properties;
  const accessLog = log && { groupArn: log.DestinationArn, format: log.Format };
  return { name, autoDeploy, accessLog };
}
