import { type App, Duration, Stack, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Delivery } from '../../infra/settings/delivery.ts';
import { Endpoint } from '../../infra/settings/endpoint.ts';
import { type AlertOptions, Watch } from '../../infra/settings/watch.ts';
import { botAt } from './endpoint-kinds.ts';
import { botStack, botTemplate, findFunction, type TestBotProps, tokenReaders } from './synth.ts';

const queued = Delivery.queued();

function alerting(alerts: AlertOptions = {}, settings: TestBotProps = {}): TestBotProps {
  return { ...settings, watch: Watch.every(Duration.minutes(5), { alerts }) };
}

afterEach(() => vi.unstubAllEnvs());

describe('the alarms of a bot', () => {
  it('do not exist unless they are asked for', () => {
    botTemplate().resourceCountIs('AWS::CloudWatch::Alarm', 0);
    expect(botStack().bot.alarms).toBeUndefined();
  });

  it.each([
    ['direct', 2, {}],
    ['queued', 5, { delivery: queued }],
  ])('with %s delivery are %i, and plain CDK objects', (_, count, settings) => {
    const { stack, bot } = botStack(alerting({}, settings));
    expect(bot.alarms?.all).toHaveLength(count);
    Template.fromStack(stack).resourceCountIs('AWS::CloudWatch::Alarm', count);
  });

  it('go off after one check that counts 1, or two that count 0.5', () => {
    botTemplate(alerting()).hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'TelegramWebhookKit',
      MetricName: 'WebhookUnhealthy',
      Dimensions: [
        { Name: 'Bot', Value: 'Kit/Bot' },
        { Name: 'Stack', Value: 'Kit' },
      ],
      Statistic: 'Sum',
      Period: 600,
      EvaluationPeriods: 1,
      Threshold: 1,
      TreatMissingData: 'missing',
    });
  });

  it('watch the queue and its dead letters, which report nothing while nobody writes', () => {
    const template = botTemplate(
      alerting({ oldestUpdate: Duration.minutes(3) }, { delivery: queued }),
    );
    for (const [MetricName, Threshold] of [
      ['ApproximateAgeOfOldestMessage', 180],
      ['ApproximateNumberOfMessagesVisible', 1],
    ]) {
      template.hasResourceProperties('AWS::CloudWatch::Alarm', {
        MetricName,
        Threshold,
        TreatMissingData: 'notBreaching',
      });
    }
  });

  it("count the errors of the bot's own gateway", () => {
    const api = botTemplate(alerting());
    api.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/ApiGateway',
      MetricName: '5xx',
      Dimensions: [{ Name: 'ApiId', Value: Match.anyValue() }],
      Statistic: 'Sum',
      EvaluationPeriods: 3,
    });
    const url = botTemplate(alerting({}, { endpoint: Endpoint.functionUrl() }));
    const { id } = findFunction(url, 'Bot/Endpoint/Receiver');
    url.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/Lambda',
      MetricName: 'Url5xxCount',
      Dimensions: [{ Name: 'FunctionName', Value: { Ref: id } }],
      Statistic: 'Sum',
      EvaluationPeriods: 3,
      AlarmDescription: Match.stringLikeRegexp('takes longer than its timeout'),
    });
  });

  it('do not count the errors of other bots on a shared API', () => {
    const { stack, bot } = botAt(
      (scope) => Endpoint.httpApi({ api: new HttpApi(scope, 'Shared') }),
      alerting({}, { delivery: queued }),
    );
    expect(bot.alarms?.gatewayErrors).toBeUndefined();
    expect(bot.alarms?.all).toHaveLength(4);
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toContain('AWS/ApiGateway');
  });

  it('describe the cause and the first command, in one sentence that needs no escape in JSON', () => {
    const template = botTemplate(alerting({}, { delivery: queued }));
    for (const { Properties } of Object.values(template.findResources('AWS::CloudWatch::Alarm'))) {
      const { AlarmDescription } = Properties;
      expect(AlarmDescription).toMatch(/: npm run [\w-]+ -- --stack Kit/);
      expect(JSON.stringify(AlarmDescription)).toBe(`"${AlarmDescription}"`);
    }
  });

  it('notify a topic when they go off, and when it is over', () => {
    const arn = 'arn:aws:sns:us-east-1:123456789012:alerts';
    const topic = Topic.fromTopicArn(new Stack(), 'Topic', arn);
    const alarms = botTemplate(alerting({ topic })).findResources('AWS::CloudWatch::Alarm');
    expect(Object.keys(alarms)).toHaveLength(2);
    for (const { Properties } of Object.values(alarms)) {
      expect(Properties.AlarmActions).toEqual([arn]);
      expect(Properties.OKActions).toEqual([arn]);
    }
  });

  it('tell a chat through the registrar, without the token', () => {
    const template = botTemplate(alerting({ chat: 42 }));
    const { id } = findFunction(template, 'Registrar/Function');
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.cloudwatch'],
        'detail-type': ['CloudWatch Alarm State Change'],
        resources: [
          { 'Fn::GetAtt': [Match.stringLikeRegexp('^BotAlarms'), 'Arn'] },
          { 'Fn::GetAtt': [Match.stringLikeRegexp('^BotAlarms'), 'Arn'] },
        ],
      },
      Targets: [
        {
          Arn: { 'Fn::GetAtt': [id, 'Arn'] },
          InputTransformer: {
            InputTemplate: {
              'Fn::Join': [
                '',
                [
                  Match.stringLikeRegexp(
                    '"RequestType":"Alert","Chat":"42","Bot":"Kit/Bot".*Reader',
                  ),
                  { 'Fn::GetAtt': [[...tokenReaders(template).keys()][0], 'Arn'] },
                  Match.anyValue(),
                ],
              ],
            },
          },
        },
      ],
    });
  });

  it('pass the checks of cdk-nag', () => {
    const { stack } = botStack(alerting({ chat: 42 }, { delivery: queued }));
    const app = stack.node.root as App;
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    vi.stubEnv('CDK_VALIDATION', undefined);
    expect(() => app.synth()).not.toThrow();
  });
});
