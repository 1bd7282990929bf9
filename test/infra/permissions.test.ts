import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, it } from 'vitest';
import { TelegramBot } from '../../infra/constructs/telegram-bot.ts';
import { Delivery } from '../../infra/settings/delivery.ts';
import { entry } from '../fixtures.ts';
import {
  botTemplate,
  findFunction,
  roleAt,
  type Statement,
  statementsOf,
  tokenReaders,
  unbundledApp,
} from './synth.ts';

const receiver = 'Bot/Endpoint/Receiver';
const registrar = 'Registrar/Function';

describe('permissions', () => {
  it('are rights per bot: each token has a reader of its own, which only the registrar may assume', () => {
    const names = ['telegram/one', 'telegram/two', 'telegram/three'];
    const stack = new Stack(unbundledApp(), 'Kit');
    names.forEach((name, index) => {
      const token = Secret.fromSecretNameV2(stack, `Token${index}`, name);
      new TelegramBot(stack, `Bot${index}`, { entry, token });
    });
    const template = Template.fromStack(stack);
    const secretsOf = (statements: readonly Statement[]) =>
      [...JSON.stringify(statements).matchAll(/:secret:([\w/]+)-\?{6}"/g)].map(([, name]) => name);
    const readers = tokenReaders(template);
    expect([...readers.values()].map(secretsOf)).toEqual(names.map((name) => [name]));
    for (const [id, statements] of readers) {
      expect(statements).toMatchObject([
        { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue' },
      ]);
      const role = template.toJSON().Resources[id].Properties;
      expect(role.AssumeRolePolicyDocument.Statement).toEqual([
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { AWS: { 'Fn::GetAtt': [roleAt(template, registrar), 'Arn'] } },
        },
      ]);
    }
    names.forEach((name, index) => {
      const bot = roleAt(template, `Bot${index}/Endpoint/Receiver`);
      expect(secretsOf(statementsOf(template, bot))).toEqual([name]);
    });
    const registrars = JSON.stringify(statementsOf(template, roleAt(template, registrar)));
    expect(registrars).not.toMatch(/secretsmanager|sts:/);
  });

  it('lets no other role read a token secret', () => {
    const template = botTemplate({ delivery: Delivery.queued() });
    const roles = Object.keys(template.findResources('AWS::IAM::Role'));
    const readers = roles.filter((id) =>
      JSON.stringify(statementsOf(template, id)).includes('secretsmanager:'),
    );
    expect(readers.sort()).toEqual(
      [...tokenReaders(template).keys(), roleAt(template, 'Bot/Queue/Bot')].sort(),
    );
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
    for (const path of [receiver, registrar]) {
      const logging = statementsOf(template, roleAt(template, path)).filter(({ Action }) =>
        /logs:/.test(String(Action)),
      );
      const { LogGroup } = findFunction(template, path).resource.Properties.LoggingConfig as {
        LogGroup: { Ref: string };
      };
      expect(logging).toEqual([
        {
          Effect: 'Allow',
          Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          Resource: { 'Fn::GetAtt': [LogGroup.Ref, 'Arn'] },
        },
      ]);
    }
    template.allResourcesProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent() });
  });

  it('grants nothing over all resources', () => {
    const template = botTemplate();
    for (const role of Object.keys(template.findResources('AWS::IAM::Role'))) {
      for (const statement of statementsOf(template, role)) {
        expect([statement.Resource].flat()).not.toContain('*');
      }
    }
  });
});
