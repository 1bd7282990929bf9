import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { botTemplate, findFunction } from './synth.ts';

const receiver = 'Bot/Endpoint/Receiver';
const registrar = 'Registrar/Function';

describe('permissions', () => {
  it('lets only the receiver and the registrar read the token secret, and no other secret', () => {
    const template = botTemplate();
    const roles = Object.values(template.findResources('AWS::IAM::Policy')).flatMap((policy) => {
      const statements: { Action: string | string[]; Resource: unknown }[] =
        policy.Properties.PolicyDocument.Statement;
      const reading = statements.filter((statement) =>
        /secretsmanager/.test(String(statement.Action)),
      );
      for (const statement of reading) {
        expect(JSON.stringify(statement.Resource)).toContain(
          ':secret:telegram/test/bot-token-??????',
        );
      }
      return reading.length ? [policy.Properties.Roles[0].Ref] : [];
    });
    const roleOf = (path: string) => {
      const { Role } = findFunction(template, path).resource.Properties;
      return (Role as { 'Fn::GetAtt': string[] })['Fn::GetAtt'][0];
    };
    expect(roles.sort()).toEqual([roleOf(receiver), roleOf(registrar)].sort());
  });

  it('lets the registrar read the status of its own stack, and of no other', () => {
    const template = botTemplate();
    const policies = Object.values(template.findResources('AWS::IAM::Policy'));
    const statements = policies.flatMap((policy) => policy.Properties.PolicyDocument.Statement);
    const describing = statements.filter(({ Action }) => /cloudformation/.test(String(Action)));
    expect(describing).toEqual([
      {
        Action: 'cloudformation:DescribeStacks',
        Effect: 'Allow',
        Resource: { Ref: 'AWS::StackId' },
      },
    ]);
  });

  it('lets each function write to its own log group but not create one', () => {
    const template = botTemplate();
    const json = JSON.stringify(template.findResources('AWS::IAM::Policy'));
    expect(json).not.toContain('logs:CreateLogGroup');
    template.allResourcesProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent() });
  });

  it('grants nothing over all resources', () => {
    for (const policy of Object.values(botTemplate().findResources('AWS::IAM::Policy'))) {
      for (const statement of policy.Properties.PolicyDocument.Statement) {
        expect([statement.Resource].flat()).not.toContain('*');
      }
    }
  });
});
