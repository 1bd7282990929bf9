import { Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import type { WatchEvent, WatchRound } from '../../functions/contract.ts';
import { allUpdateTypes } from '../../infra/settings/update-types.ts';
import { Watch } from '../../infra/settings/watch.ts';
import { addTelegramBot } from './endpoint-kinds.ts';
import {
  botStack,
  botTemplate,
  findFunction,
  needs,
  onlyResource,
  type TestBotProps,
  unbundledApp,
} from './synth.ts';

/** Returns the input of the schedule, with `{}` in the place of what CloudFormation resolves. */
function roundOf(settings: TestBotProps = {}): WatchRound {
  const { Target } = onlyResource(botTemplate(settings), 'AWS::Scheduler::Schedule').resource
    .Properties as { Target: { Input: { 'Fn::Join': [string, unknown[]] } } };
  const [, parts] = Target.Input['Fn::Join'];
  return JSON.parse(parts.map((part) => (typeof part === 'string' ? part : '{}')).join(''));
}

/** Returns its only check. */
function checkOf(settings: TestBotProps = {}): WatchEvent {
  const { Checks } = roundOf(settings);
  expect(Checks).toHaveLength(1);
  return Checks[0] as WatchEvent;
}

describe('the schedule of a watch', () => {
  it('sends the registrar an event every five minutes, and never again', () => {
    const template = botTemplate();
    const { id } = findFunction(template, 'Registrar/Function');
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(5 minutes)',
      State: 'ENABLED',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: { 'Fn::GetAtt': [id, 'Arn'] },
        RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
      },
    });
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: id },
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    });
  });

  it('has the interval that was asked for', () => {
    const template = botTemplate({ watch: Watch.every(Duration.minutes(1)) });
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(1 minute)',
    });
  });

  it('remains, disabled, when the watch is off: npm run status reads it', () => {
    const template = botTemplate({ watch: Watch.off() });
    template.hasResourceProperties('AWS::Scheduler::Schedule', { State: 'DISABLED' });
  });

  it("holds the registration's own properties, without the time of the synth", () => {
    const { Properties } = onlyResource(
      botTemplate({ maxConnections: 7, allowedUpdates: ['poll'] }),
      'Custom::TelegramWebhook',
    ).resource;
    const { ServiceToken, ServiceTimeout, DeployStamp, ...told } = Properties;
    const { ResourceProperties } = checkOf({ maxConnections: 7, allowedUpdates: ['poll'] });
    expect(Object.keys(ResourceProperties).sort()).toEqual(Object.keys(told).sort());
    expect(ResourceProperties).toMatchObject({ MaxConnections: '7', AllowedUpdates: ['poll'] });
  });

  it("holds no types when those of the bot are Telegram's default set, as getWebhookInfo shows them", () => {
    const rare = ['chat_member', 'message_reaction', 'message_reaction_count'];
    const defaults = allUpdateTypes.filter((type) => !rare.includes(type));
    expect(checkOf({ allowedUpdates: defaults }).ResourceProperties.AllowedUpdates).toEqual([]);
    const all = checkOf({ allowedUpdates: allUpdateTypes }).ResourceProperties.AllowedUpdates;
    expect(all).toHaveLength(allUpdateTypes.length);
  });

  it('says when it was scheduled, whether to repair, and whether to measure', () => {
    expect(roundOf()).toMatchObject({
      RequestType: 'WatchRound',
      ScheduledTime: '<aws.scheduler.scheduled-time>',
    });
    expect(checkOf()).toMatchObject({
      RequestType: 'Watch',
      Purpose: 'watch',
      Repair: 'true',
      Metric: 'false',
      Bot: 'Kit/Bot',
    });
    const watch = Watch.every(Duration.minutes(5), { repair: false, alerts: {} });
    expect(checkOf({ watch })).toMatchObject({ Repair: 'false', Metric: 'true' });
  });

  it('starts after the registration, and ends before it', () => {
    const template = botTemplate();
    const { id } = onlyResource(template, 'AWS::Scheduler::Schedule');
    expect(needs(template, id)).toContain(onlyResource(template, 'Custom::TelegramWebhook').id);
  });

  it('may invoke the registrar and nothing else, for this account alone', () => {
    const template = botTemplate();
    const { id } = findFunction(template, 'Registrar/Function');
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Principal: { Service: 'scheduler.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          },
        ],
      },
    });
    const arn = { 'Fn::GetAtt': [id, 'Arn'] };
    const latest = { 'Fn::Join': ['', [arn, ':$LATEST']] };
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [{ Action: 'lambda:InvokeFunction', Resource: [arn, latest] }],
      },
      Roles: [{ Ref: Match.stringLikeRegexp('^RegistrarScheduleInvoker') }],
    });
  });
});

describe('Watch', () => {
  it.each([
    [Duration.seconds(30), '30 seconds'],
    [Duration.minutes(61), '1 hour 1 minute'],
    [Duration.seconds(90), '1 minute 30 seconds'],
  ])('refuses an interval of %s', (interval, got) => {
    expect(() => Watch.every(interval)).toThrow(`must be 1 to 60 whole minutes, got ${got}`);
  });

  it.each([0, 1.5, 'me', '@x'])('refuses %s as a chat', (chat) => {
    const watch = () => Watch.every(Duration.minutes(5), { alerts: { chat } });
    expect(watch).toThrow(`alerts.chat must be the id of a chat, such as 123456789`);
  });

  it.each([123, -1001234567890, '-1001234567890', '@my_channel'])('takes %s as a chat', (chat) => {
    expect(Watch.every(Duration.minutes(5), { alerts: { chat } }).alerts).toEqual({ chat });
  });

  it('refuses a limit for the oldest update that is too short, or without a queue', () => {
    const watch = (oldestUpdate: Duration) =>
      Watch.every(Duration.minutes(5), { alerts: { oldestUpdate } });
    expect(() => watch(Duration.seconds(10))).toThrow('1 minute to 14 days');
    expect(() => botTemplate({ watch: watch(Duration.minutes(5)) })).toThrow(
      'the delivery is direct: leave it out',
    );
  });
});

it('costs four resources for a stack with one bot, one for each further bot', () => {
  const { stack } = botStack();
  const ids = Object.keys(Template.fromStack(stack).toJSON().Resources);
  expect(ids.filter((id) => /Schedule|EventInvokeConfig/.test(id))).toHaveLength(4);
});

describe('the bots of a stack', () => {
  function stackWith(watches: Record<string, Watch | undefined>) {
    const stack = new Stack(unbundledApp(), 'Kit');
    for (const [id, watch] of Object.entries(watches)) addTelegramBot(stack, id, { watch });
    return stack;
  }

  it('share one schedule for each interval, and one that is disabled', () => {
    const minutes = (count: number) => Watch.every(Duration.minutes(count));
    const template = Template.fromStack(
      stackWith({
        ...{ One: undefined, Two: minutes(5), Three: minutes(1) },
        ...{ Four: Watch.off(), Five: Watch.off() },
      }),
    );
    const schedules = Object.values(template.findResources('AWS::Scheduler::Schedule'));
    const found = schedules.map(({ Properties }) => {
      const { ScheduleExpression, State, Target } = Properties;
      const named = JSON.stringify(Target.Input).match(/Kit\/\w+/g);
      return [ScheduleExpression, State, [...new Set(named)]];
    });
    expect(found).toHaveLength(3);
    expect(found).toEqual(
      expect.arrayContaining([
        ['rate(5 minutes)', 'ENABLED', ['Kit/One', 'Kit/Two']],
        ['rate(1 minute)', 'ENABLED', ['Kit/Three']],
        ['rate(5 minutes)', 'DISABLED', ['Kit/Four', 'Kit/Five']],
      ]),
    );
  });

  it('are checked once all of them are registered', () => {
    const template = Template.fromStack(stackWith({ One: undefined, Two: undefined }));
    const { id } = onlyResource(template, 'AWS::Scheduler::Schedule');
    const webhooks = Object.keys(template.findResources('Custom::TelegramWebhook'));
    expect([...needs(template, id)]).toEqual(expect.arrayContaining(webhooks));
    expect(webhooks).toHaveLength(2);
  });

  it('fail the synth when a schedule could not hold them, which names the largest', () => {
    const stack = new Stack(unbundledApp(), 'Kit');
    addTelegramBot(stack, 'Small', {});
    const command = (number: number) => ({
      command: `c${number}`,
      description: 'x'.repeat(256),
    });
    const commands = Array.from({ length: 100 }, (_, number) => command(number));
    const languages = ['de', 'fr', 'es', 'it', 'pl', 'pt', 'nl', 'sv', 'cs', 'da'] as const;
    addTelegramBot(stack, 'Large', {
      profile: { commands: languages.map((language) => ({ language, commands })) },
    });
    expect(() => Template.fromStack(stack)).toThrow(
      /The watch of the 2 bots in Kit would send about \d+ bytes, and a schedule may send 262144\. Most, \d+, are about Kit\/Large/,
    );
  });

  it('need an id of the stack', () => {
    const stack = new Stack(unbundledApp(), 'Kit');
    new Stack(stack, 'WebhookWatch5Minutes');
    expect(() => addTelegramBot(stack, 'Bot', {})).toThrow(
      'Kit/WebhookWatch5Minutes has the id that the kit reserves for the schedule of its watch: rename it',
    );
  });
});
