import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type IRole, Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, it } from 'vitest';
import { Registrar } from '../../infra/constructs/registrar.ts';
import { TelegramBot } from '../../infra/constructs/telegram-bot.ts';
import { entry } from '../fixtures.ts';
import { roleAt, statementsOf, type TestBotProps, unbundledApp } from './synth.ts';

const env = { account: '123456789012', region: 'us-east-1' };

/** Returns a stack with one bot for each of these secret names and settings. */
function stackOf(bots: readonly [secretName: string, settings?: TestBotProps][]): Stack {
  const stack = new Stack(unbundledApp(), 'Kit', { env });
  bots.forEach(([name, settings], index) => {
    const token = Secret.fromSecretNameV2(stack, `Token${index}`, name);
    new TelegramBot(stack, `Bot${index}`, { entry, ...settings, token });
  });
  return stack;
}

describe('the logs of the registrar and its framework', () => {
  const { ONE_DAY, ONE_WEEK, ONE_YEAR, INFINITE } = RetentionDays;
  it.each<[string, (RetentionDays | undefined)[], number | undefined]>([
    ['as long as those of the only bot', [ONE_WEEK], 7],
    ['for the longest time of several bots', [ONE_DAY, ONE_YEAR, ONE_WEEK], 365],
    ['for a month, the default of one of the bots', [ONE_DAY, undefined], 30],
    ['for good', [ONE_WEEK, INFINITE, ONE_YEAR], undefined],
  ])('are kept %s', (_, retentions, days) => {
    const template = Template.fromStack(
      stackOf(retentions.map((logRetention, index) => [`bot${index}`, { logRetention }])),
    );
    const groups = Object.entries(template.findResources('AWS::Logs::LogGroup'));
    const registrars = groups.filter(([id]) => id.startsWith('Registrar'));
    expect(registrars.map(([, { Properties }]) => Properties?.RetentionInDays)).toEqual([
      days,
      days,
    ]);
  });
});

describe("the inline policies of the registrar's role", () => {
  /** Returns a template in which the role has so many further policies of about 200 characters each. */
  function templateWith(policies: number): Template {
    const stack = stackOf([['bot']]);
    const role = Registrar.getOrCreate(stack).function.role as IRole;
    for (let index = 0; index < policies; index++) {
      const statement = new PolicyStatement({
        actions: ['s3:GetObject'],
        resources: [`arn:aws:s3:::bucket/${String(index).padStart(100, 'x')}`],
      });
      new Policy(stack, `Policy${index}`, { roles: [role], statements: [statement] });
    }
    return Template.fromStack(stack);
  }

  it('are refused at synth when they exceed the quota of IAM', () => {
    const template = () => templateWith(55);
    expect(template).toThrow(/would have about 1\d{4} characters, and IAM allows 10240/);
    expect(template).toThrow("move some of the stack's bots to another stack");
  });

  it('are accepted when they fit', () => {
    const template = templateWith(44);
    const characters = statementsOf(template, roleAt(template, 'Registrar/Function'));
    expect(JSON.stringify(characters).length).toBeGreaterThan(7500);
  });

  it('do not grow with the bots', () => {
    const rights = (bots: number) => {
      const template = Template.fromStack(
        stackOf(Array.from({ length: bots }, (_, index) => [`bot${index}`])),
      );
      return statementsOf(template, roleAt(template, 'Registrar/Function')).length;
    };
    expect(rights(3)).toBe(rights(1));
  });
});
