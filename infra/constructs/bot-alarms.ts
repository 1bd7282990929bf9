import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { type AlertEvent, type BotProperties, WatchMetric } from '../../functions/contract.ts';
import type { AlertOptions, Watch } from '../settings/watch.ts';
import type { BotEndpoint } from './bot-endpoint.ts';
import { Registrar } from './registrar.ts';
import type { UpdateQueue } from './update-queue.ts';

export interface BotAlarmsProps {
  readonly watch: Watch;
  readonly alerts: AlertOptions;
  readonly endpoint: BotEndpoint;
  readonly queue?: UpdateQueue;
  readonly properties: BotProperties;
  /** Path of the bot, as in the events of the watch. */
  readonly bot: string;
}

/**
 * CloudWatch alarms on what a bot needs to receive updates. Each description names the cause and the first command to
 * run. Add actions of your own with `alarm.addAlarmAction`.
 */
export class BotAlarms extends Construct {
  /** The watch finds the webhook unhealthy: at once what will not pass by itself, after two checks what may. */
  readonly webhook: Alarm;
  /**
   * The gateway has answered with 5xx in three periods of five minutes in a row; undefined with a shared API, which
   * counts the errors of all its routes together.
   */
  readonly gatewayErrors?: Alarm;
  /** The ingress fails; undefined with direct delivery. */
  readonly ingressErrors?: Alarm;
  /** There are dead letters; undefined with direct delivery. */
  readonly deadLetters?: Alarm;
  /** The oldest update on the queue waits too long; undefined with direct delivery. */
  readonly oldestUpdate?: Alarm;

  constructor(scope: Construct, id: string, props: BotAlarmsProps) {
    super(scope, id);
    const { alerts, bot, endpoint, queue, watch } = props;
    const stack = Stack.of(this).stackName;
    const logs = `npm run logs -- --stack ${stack} --since 30m`;

    this.webhook = this.alarm('Webhook', {
      // A certain failure counts 1, one that may pass 0.5: the sum over two checks reaches 1 in either case.
      metric: new Metric({
        namespace: WatchMetric.namespace,
        metricName: WatchMetric.name,
        dimensionsMap: { Stack: stack, Bot: bot },
        statistic: 'Sum',
        period: Duration.minutes(2 * watch.interval.toMinutes()),
      }),
      threshold: 1,
      // Without data the watch itself has stopped, which is neither healthy nor unhealthy.
      missing: TreatMissingData.MISSING,
      says: `The webhook does not work. For the cause and the fix: npm run status -- --stack ${stack}`,
    });
    const { functionUrl, serverErrors } = endpoint.gateway;
    if (serverErrors) {
      const limit = functionUrl ? 'its timeout' : '30 seconds';
      this.gatewayErrors = this.alarm('GatewayErrors', {
        metric: serverErrors.with({ period: FIVE_MINUTES }),
        periods: 3,
        says: `The bot has failed on updates for 15 minutes, or takes longer than ${limit}. The errors: ${logs}`,
      });
    }
    if (queue) {
      this.ingressErrors = this.alarm('IngressErrors', {
        metric: endpoint.receiver.metricErrors({ statistic: 'Sum', period: FIVE_MINUTES }),
        periods: 3,
        says: `Updates do not reach the queue, because the ingress fails. The errors: ${logs}`,
      });
      this.deadLetters = this.alarm('DeadLetters', {
        metric: queue.deadLetters.metricApproximateNumberOfMessagesVisible({
          statistic: 'Maximum',
          period: FIVE_MINUTES,
        }),
        says: `Updates have failed at every attempt. To see them: npm run dead-letters -- --stack ${stack}`,
      });
      const { oldestUpdate = Duration.minutes(10) } = alerts;
      this.oldestUpdate = this.alarm('OldestUpdate', {
        metric: queue.updates.metricApproximateAgeOfOldestMessage({
          statistic: 'Maximum',
          period: FIVE_MINUTES,
        }),
        threshold: oldestUpdate.toSeconds(),
        says: `An update waits on the queue for more than ${oldestUpdate.toHumanString()}: the bot meets an outage or is too slow. The errors: ${logs}`,
      });
    }
    if (alerts.chat !== undefined) this.tellChat(String(alerts.chat), props);
    const { topic } = alerts;
    if (topic) {
      for (const alarm of this.all) {
        alarm.addAlarmAction(new SnsAction(topic));
        alarm.addOkAction(new SnsAction(topic));
      }
    }
  }

  /** All alarms of the bot. */
  get all(): Alarm[] {
    const { webhook, gatewayErrors, ingressErrors, deadLetters, oldestUpdate } = this;
    return [webhook, gatewayErrors, ingressErrors, deadLetters, oldestUpdate].filter(
      (alarm) => alarm !== undefined,
    );
  }

  private alarm(
    id: string,
    {
      metric,
      threshold = 1,
      periods = 1,
      // Gateway, functions and queues report nothing while nobody writes.
      missing = TreatMissingData.NOT_BREACHING,
      says,
    }: {
      metric: IMetric;
      threshold?: number;
      periods?: number;
      missing?: TreatMissingData;
      says: string;
    },
  ): Alarm {
    return new Alarm(this, id, {
      metric,
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: missing,
      alarmDescription: says,
    });
  }

  /** Sends changes of state to the registrar, which tells the chat. EventBridge delivers each change once. */
  private tellChat(chat: string, { bot, properties }: BotAlarmsProps): void {
    const { TokenSecret, TokenReader, ApiRoot, TelegramEnvironment = 'prod' } = properties;
    const event: AlertEvent = {
      RequestType: 'Alert',
      Chat: chat,
      Bot: bot,
      TokenSecret,
      TokenReader,
      ApiRoot,
      TelegramEnvironment,
      State: EventField.fromPath('$.detail.state.value'),
      PreviousState: EventField.fromPath('$.detail.previousState.value'),
      Description: EventField.fromPath('$.detail.configuration.description'),
    };
    new Rule(this, 'Changes', {
      description: `Tells a chat about the alarms of ${bot}`,
      eventPattern: {
        source: ['aws.cloudwatch'],
        detailType: ['CloudWatch Alarm State Change'],
        resources: this.all.map(({ alarmArn }) => alarmArn),
      },
      targets: [
        new LambdaFunction(Registrar.getOrCreate(this).function, {
          event: RuleTargetInput.fromObject(event),
          retryAttempts: 2,
          maxEventAge: Duration.minutes(10),
        }),
      ],
    });
  }
}

const FIVE_MINUTES = Duration.minutes(5);
