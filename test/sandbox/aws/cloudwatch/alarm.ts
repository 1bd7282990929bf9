import { arnOf, type Location } from '../account.ts';
import { ServiceError } from '../service-error.ts';
import { type AlarmRule, type Datapoint, EXTRA_PERIODS, type StateValue } from './evaluation.ts';
import { MINUTE, type Series, type Statistic } from './metrics.ts';

/** An alarm on one metric, under the names of CloudWatch's API. */
export interface AlarmConfiguration extends AlarmRule {
  readonly AlarmName: string;
  readonly AlarmDescription?: string;
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
  readonly Statistic: Statistic;
  /** Seconds. */
  readonly Period: number;
  /** @default true */
  readonly ActionsEnabled?: boolean;
  /** ARNs of SNS topics. */
  readonly AlarmActions?: readonly string[];
  readonly OKActions?: readonly string[];
  readonly InsufficientDataActions?: readonly string[];
}

export interface AlarmState {
  readonly value: StateValue;
  readonly reason: string;
  /** JSON. */
  readonly reasonData?: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

export interface Alarm {
  readonly arn: string;
  readonly location: Location;
  readonly configuration: AlarmConfiguration;
  readonly configuredAt: number;
  readonly series: Series;
  state: AlarmState;
}

export function alarmArn(name: string, location: Location): string {
  return arnOf('cloudwatch', `alarm:${name}`, location);
}

/** @throws ServiceError, as CloudWatch does, when the configuration is not valid */
export function checkAlarm(configuration: AlarmConfiguration): void {
  const { AlarmName, Period, EvaluationPeriods: periods } = configuration;
  const { DatapointsToAlarm: needed = periods, Dimensions = [] } = configuration;
  demand(/^[^\s].{0,254}$/.test(AlarmName), `Invalid alarm name ${AlarmName}`);
  demand(
    Period > 0 && Period % 60 === 0,
    `The sandbox needs a Period of whole minutes, got ${Period}`,
  );
  demand(periods > 0, `EvaluationPeriods must be at least 1, got ${periods}`);
  demand(needed > 0, `DatapointsToAlarm must be at least 1, got ${needed}`);
  demand(needed <= periods, 'DatapointsToAlarm must not exceed EvaluationPeriods');
  demand(Period * periods <= 86_400, 'Metrics cannot be checked across more than a day');
  demand(Dimensions.length <= 30, 'An alarm can have at most 30 dimensions');
  const actions = [
    configuration.AlarmActions,
    configuration.OKActions,
    configuration.InsufficientDataActions,
  ];
  for (const arns of actions) {
    const other = arns?.find((arn) => !arn.startsWith('arn:aws:sns:'));
    demand(!other, `The sandbox's CloudWatch supports only SNS topics as actions, got ${other}`);
    demand((arns?.length ?? 0) <= 5, 'An alarm can have at most 5 actions for a state');
  }
}

/** Returns the datapoints that an alarm looks at, the latest last. The latest period ends at `time`. */
export function datapoints(
  { configuration: { Period, EvaluationPeriods, Statistic }, series }: Alarm,
  time: number,
): Datapoint[] {
  const length = EvaluationPeriods + EXTRA_PERIODS;
  return Array.from({ length }, (_, index) => {
    const start = time - (length - index) * Period * 1000;
    return { start, value: series.statistic(Statistic, start, start + Period * 1000) };
  });
}

/** Returns the datapoints of an evaluation as CloudWatch adds them to the reason, in JSON. */
export function reasonData(
  { configuration }: Alarm,
  { range, time }: { range: readonly Datapoint[]; time: number },
): string {
  const values = range.flatMap(({ value }) => value ?? []).slice(-configuration.EvaluationPeriods);
  return JSON.stringify({
    version: '1.0',
    queryDate: longTime(time),
    startDate: longTime(range.find(({ value }) => value !== undefined)?.start ?? time - MINUTE),
    statistic: configuration.Statistic,
    period: configuration.Period,
    recentDatapoints: values,
    threshold: configuration.Threshold,
  });
}

/** Returns the event that EventBridge receives when an alarm changes. */
export function stateChange(
  { arn, configuration, state, location }: Alarm,
  previous: AlarmState,
): { account: string; region: string; [field: string]: unknown } {
  const { Namespace, MetricName, Dimensions = [], Period, Statistic } = configuration;
  const written = ({ value, reason, reasonData: data, time }: AlarmState) => ({
    value,
    reason,
    ...(data && { reasonData: data }),
    timestamp: longTime(time),
  });
  return {
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    account: location.account,
    region: location.region,
    resources: [arn],
    detail: {
      alarmName: configuration.AlarmName,
      state: written(state),
      previousState: written(previous),
      configuration: {
        ...(configuration.AlarmDescription && { description: configuration.AlarmDescription }),
        metrics: [
          {
            id: '00000000-0000-0000-0000-000000000001',
            metricStat: {
              metric: {
                namespace: Namespace,
                name: MetricName,
                dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
              },
              period: Period,
              stat: Statistic,
            },
            returnData: true,
          },
        ],
      },
    },
  };
}

/** Returns the message that an SNS topic receives when an alarm changes. */
export function notification(
  { arn, configuration, configuredAt, state, location }: Alarm,
  previous: AlarmState,
): { subject: string; message: string } {
  const { AlarmName, AlarmDescription, Dimensions = [], ...rest } = configuration;
  return {
    subject: `${state.value}: "${AlarmName}" in ${location.region}`,
    message: JSON.stringify({
      AlarmName,
      AlarmDescription: AlarmDescription ?? null,
      AWSAccountId: location.account,
      AlarmConfigurationUpdatedTimestamp: longTime(configuredAt),
      NewStateValue: state.value,
      NewStateReason: state.reason,
      StateChangeTime: longTime(state.time),
      Region: location.region,
      AlarmArn: arn,
      OldStateValue: previous.value,
      OKActions: rest.OKActions ?? [],
      AlarmActions: rest.AlarmActions ?? [],
      InsufficientDataActions: rest.InsufficientDataActions ?? [],
      Trigger: {
        MetricName: rest.MetricName,
        Namespace: rest.Namespace,
        StatisticType: 'Statistic',
        Statistic: rest.Statistic.toUpperCase(),
        Unit: null,
        Dimensions: Dimensions.map(({ Name, Value }) => ({ value: Value, name: Name })),
        Period: rest.Period,
        EvaluationPeriods: rest.EvaluationPeriods,
        DatapointsToAlarm: rest.DatapointsToAlarm ?? rest.EvaluationPeriods,
        ComparisonOperator: rest.ComparisonOperator,
        Threshold: rest.Threshold,
        TreatMissingData: rest.TreatMissingData ?? 'missing',
        EvaluateLowSampleCountPercentile: '',
      },
    }),
  };
}

/** Formats a time as `2026-01-31T12:00:00.000+0000`. */
function longTime(time: number): string {
  return new Date(time).toISOString().replace('Z', '+0000');
}

function demand(isValid: boolean, message: string): asserts isValid {
  if (!isValid) throw new ServiceError('ValidationError', message);
}
