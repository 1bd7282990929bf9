import { expect, it } from 'vitest';
import { botTemplate, onlyResource } from './synth.ts';

it('gives the access log a name for which AWS adds no entry to the account-wide policy', () => {
  const template = botTemplate();
  const { resource } = onlyResource(template, 'AWS::ApiGatewayV2::Stage');
  const { DestinationArn } = resource.Properties.AccessLogSettings as {
    DestinationArn: { 'Fn::GetAtt': [string, string] };
  };
  const group = template.findResources('AWS::Logs::LogGroup')[DestinationArn['Fn::GetAtt'][0]];
  expect(group?.Properties.LogGroupName).toMatch(/^\/aws\/vendedlogs\/Kit\/[\w-]+$/);
});
