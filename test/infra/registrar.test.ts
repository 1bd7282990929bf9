import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, it } from 'vitest';
import { TelegramBot } from '../../infra/constructs/telegram-bot.ts';
import { entry } from '../fixtures.ts';
import { type TestBotProps, unbundledApp } from './synth.ts';

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
  const stackWith = (bots: number, nameLength: number) =>
    stackOf(Array.from({ length: bots }, (_, index) => [`bot${index}`.padEnd(nameLength, 'x')]));

  /** Returns the characters that IAM counts, from a template that leaves nothing to the deploy. */
  function charactersOf(template: Template): number {
    return Object.values(template.findResources('AWS::IAM::Policy'))
      .filter(({ Properties }) => /^RegistrarFunction/.test(Properties.Roles[0].Ref))
      .reduce((sum, { Properties }) => sum + JSON.stringify(Properties.PolicyDocument).length, 0);
  }

  it('are refused at synth when they exceed the quota of IAM', () => {
    const template = () => Template.fromStack(stackWith(40, 120));
    expect(template).toThrow(/would have about 1\d{4} characters, and IAM allows 10240/);
    expect(template).toThrow('move some of the 40 bots to another stack');
  });

  it('are accepted when they fit', () => {
    const characters = charactersOf(Template.fromStack(stackWith(30, 120)));
    expect(characters).toBeLessThan(10_240);
    expect(characters).toBeGreaterThan(9000);
  });
});
