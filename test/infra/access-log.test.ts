import { expect, it } from 'vitest';
import { botTemplate, onlyResource } from './synth.ts';

it('the access log is one that AWS needs no policy entry of its own for', () => {
  const template = botTemplate();
  const { resource } = onlyResource(template, 'AWS::ApiGatewayV2::Stage');
  const { DestinationArn } = resource.Properties.AccessLogSettings as {
    DestinationArn: { 'Fn::GetAtt': [string, string] };
  };
  const group = template.findResources('AWS::Logs::LogGroup')[DestinationArn['Fn::GetAtt'][0]];
  expect(group?.Properties.LogGroupName).toMatch(/^\/aws\/vendedlogs\/Kit\/[\w-]+$/);
});
