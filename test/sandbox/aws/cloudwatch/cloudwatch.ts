import type { Clock } from '../../clock.ts';
import type { Network } from '../../network/network.ts';
import { HOME, type Location } from '../account.ts';
import type { Iam } from '../iam.ts';
import { type ApiOperation, serveJsonRpc } from '../json-api.ts';
import { ServiceError } from '../service-error.ts';
import {
  type Alarm,
  type AlarmConfiguration,
  type AlarmState,
  alarmArn,
  checkAlarm,
  datapoints,
  notification,
  reasonData,
  stateChange,
} from './alarm.ts';
import { evaluate } from './evaluation.ts';
import { type Metrics, MINUTE, STATISTICS, type Statistic } from './metrics.ts';

interface CloudWatchServices {
  readonly network: Pick<Network, 'serve'>;
  readonly clock: Clock;
  readonly iam: Iam;
  readonly metrics: Metrics;
  /** Adds the values of the minute that ends at `time`, for metrics that nothing else records. */
  measure(time: number): void;
  /** Publishes to an SNS topic. */
  publish(topicArn: string, alarmArn: string, text: { subject: string; message: string }): unknown;
  /** Sends an event to EventBridge. */
  emit(event: ReturnType<typeof stateChange>): void;
}

/** CloudWatch's alarms, which it evaluates at every full minute. Without an alarm, it measures nothing. */
export class CloudWatch {
  private readonly services: CloudWatchServices;
  /** By ARN. */
  private readonly alarms = new Map<string, Alarm>();
  private stopped: AbortController | undefined;

  constructor(services: CloudWatchServices) {
    this.services = services;
  }

  create(configuration: AlarmConfiguration, location = HOME): { arn: string } {
    const arn = alarmArn(configuration.AlarmName, location);
    if (this.alarms.has(arn)) {
      const message = `${configuration.AlarmName} already exists`;
      throw new ServiceError('AlreadyExistsException', message);
    }
    this.put(configuration, location, {
      value: 'INSUFFICIENT_DATA',
      reason: 'Unchecked: Initial alarm creation',
      time: this.services.clock.now(),
    });
    if (!this.stopped) {
      this.stopped = new AbortController();
      void this.run(this.stopped.signal).catch(() => {});
    }
    return { arn };
  }

  /** Replaces the configuration. The alarm keeps its state until it is evaluated again. */
  update(configuration: AlarmConfiguration, location = HOME): void {
    this.put(configuration, location, this.alarm(configuration.AlarmName, location).state);
  }

  delete(name: string, location = HOME): void {
    this.alarms.delete(this.alarm(name, location).arn);
    if (this.alarms.size === 0) this.close();
  }

  /** Returns the state of an alarm. */
  state(name: string, location = HOME): AlarmState {
    return this.alarm(name, location).state;
  }

  /** Stops the evaluation. */
  close(): void {
    this.stopped?.abort('closed');
    this.stopped = undefined;
  }

  /** Serves `DescribeAlarms` and `GetMetricStatistics`. */
  serveIn(region: string): void {
    const { network, iam } = this.services;
    const { operations } = this;
    const names = { service: 'monitoring', permissions: 'cloudwatch' };
    const contentType = 'application/x-amz-json-1.0';
    serveJsonRpc({ network, iam, ...names, region, operations, contentType });
  }

  private readonly operations: Readonly<Record<string, ApiOperation>> = {
    DescribeAlarms: {
      parameters: ['AlarmNames', 'AlarmNamePrefix', 'StateValue', 'AlarmTypes'],
      resource: ({ location }) => alarmArn('*', location),
      run: ({ input: { AlarmNames, AlarmNamePrefix = '', StateValue, AlarmTypes }, location }) => ({
        CompositeAlarms: [],
        MetricAlarms: [...this.alarms.values()]
          .filter(({ arn }) => arn.startsWith(alarmArn(AlarmNamePrefix, location)))
          .filter(({ configuration }) => AlarmNames?.includes(configuration.AlarmName) ?? true)
          .filter(({ state }) => StateValue === undefined || state.value === StateValue)
          .filter(() => AlarmTypes?.includes('MetricAlarm') ?? true)
          .map(described),
      }),
    },
    GetMetricStatistics: {
      parameters: [
        'Namespace',
        'MetricName',
        'Dimensions',
        'StartTime',
        'EndTime',
        'Period',
        'Statistics',
      ],
      run: ({ input, location }) => ({
        Label: input.MetricName,
        Datapoints: this.statistics(input as StatisticsInput, location),
      }),
    },
  };

  private statistics(input: StatisticsInput, location: Location): object[] {
    const { Namespace, MetricName, Dimensions, StartTime, EndTime, Period, Statistics } = input;
    if (!(Period > 0 && Period % 60 === 0)) {
      throw new ServiceError(
        'InvalidParameterValue',
        `Period must be a multiple of 60, got ${Period}`,
      );
    }
    const unknown = Statistics.find((name) => !STATISTICS.includes(name));
    if (unknown) throw new ServiceError('InvalidParameterValue', `Unknown statistic ${unknown}`);
    const metric = metricOf({ Namespace, MetricName, Dimensions });
    const series = this.services.metrics.of(metric, location);
    const found: object[] = [];
    for (let time = StartTime; time < EndTime; time += Period) {
      const between = [time * 1000, (time + Period) * 1000] as const;
      if (series.statistic('SampleCount', ...between) === undefined) continue;
      const values = Statistics.map((name) => [name, series.statistic(name, ...between)]);
      found.push({ Timestamp: time, Unit: 'None', ...Object.fromEntries(values) });
    }
    return found;
  }

  private put(configuration: AlarmConfiguration, location: Location, state: AlarmState): void {
    checkAlarm(configuration);
    const { clock, metrics } = this.services;
    const arn = alarmArn(configuration.AlarmName, location);
    const series = metrics.of(metricOf(configuration), location);
    this.alarms.set(arn, {
      arn,
      location,
      configuration,
      configuredAt: clock.now(),
      series,
      state,
    });
  }

  private async run(signal: AbortSignal): Promise<void> {
    const { clock, measure } = this.services;
    for (let minute = 0; ; ) {
      minute = Math.max(minute, Math.floor(clock.now() / MINUTE)) + 1;
      await clock.sleep(minute * MINUTE - clock.now(), signal);
      measure(minute * MINUTE);
      for (const alarm of [...this.alarms.values()]) this.evaluate(alarm, minute * MINUTE);
    }
  }

  private evaluate(alarm: Alarm, time: number): void {
    const range = datapoints(alarm, time);
    const next = evaluate(range, alarm.configuration);
    const previous = alarm.state;
    if (!next || next.value === previous.value) return;
    alarm.state = { ...next, reasonData: reasonData(alarm, { range, time }), time };
    const {
      ActionsEnabled = true,
      AlarmActions,
      OKActions,
      InsufficientDataActions,
    } = alarm.configuration;
    const actions = {
      ALARM: AlarmActions,
      OK: OKActions,
      INSUFFICIENT_DATA: InsufficientDataActions,
    };
    for (const topic of (ActionsEnabled && actions[next.value]) || []) {
      try {
        this.services.publish(topic, alarm.arn, notification(alarm, previous));
      } catch (error) {
        // As on AWS, an action that fails changes nothing else.
        if (!(error instanceof ServiceError)) throw error;
      }
    }
    this.services.emit(stateChange(alarm, previous));
  }

  private alarm(name: string, location: Location): Alarm {
    const alarm = this.alarms.get(alarmArn(name, location));
    if (alarm) return alarm;
    throw new ServiceError('ResourceNotFound', `The alarm ${name} does not exist`, 404);
  }
}

interface StatisticsInput
  extends Pick<AlarmConfiguration, 'Namespace' | 'MetricName' | 'Dimensions'> {
  /** Seconds since the epoch. */
  readonly StartTime: number;
  readonly EndTime: number;
  /** Seconds. */
  readonly Period: number;
  readonly Statistics: readonly Statistic[];
}

function metricOf({
  Namespace: namespace,
  MetricName: name,
  Dimensions = [],
}: Pick<AlarmConfiguration, 'Namespace' | 'MetricName' | 'Dimensions'>) {
  const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]));
  return { namespace, name, dimensions };
}

function described({ arn, configuration, configuredAt, state }: Alarm): object {
  return {
    ActionsEnabled: true,
    AlarmActions: [],
    OKActions: [],
    InsufficientDataActions: [],
    Dimensions: [],
    ...configuration,
    AlarmArn: arn,
    AlarmConfigurationUpdatedTimestamp: configuredAt / 1000,
    StateValue: state.value,
    StateReason: state.reason,
    StateReasonData: state.reasonData,
    StateUpdatedTimestamp: state.time / 1000,
    StateTransitionedTimestamp: state.time / 1000,
  };
}
