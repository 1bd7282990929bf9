/** The comparison that an alarm makes. */
export interface AlarmRule {
  readonly ComparisonOperator: keyof typeof OPERATORS;
  readonly Threshold: number;
  readonly EvaluationPeriods: number;
  /** @default - EvaluationPeriods */
  readonly DatapointsToAlarm?: number;
  /** @default 'missing' */
  readonly TreatMissingData?: 'missing' | 'ignore' | 'breaching' | 'notBreaching';
}

export type StateValue = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** A period's value and start, in milliseconds since the epoch; undefined without a value. */
export interface Datapoint {
  readonly value: number | undefined;
  readonly start: number;
}

export const OPERATORS = {
  GreaterThanOrEqualToThreshold: {
    words: 'greater than or equal to',
    test: (value: number, threshold: number) => value >= threshold,
  },
  GreaterThanThreshold: {
    words: 'greater than',
    test: (value: number, threshold: number) => value > threshold,
  },
  LessThanThreshold: {
    words: 'less than',
    test: (value: number, threshold: number) => value < threshold,
  },
  LessThanOrEqualToThreshold: {
    words: 'less than or equal to',
    test: (value: number, threshold: number) => value <= threshold,
  },
};

/** How many periods CloudWatch reads in addition to those that it evaluates, in case some have no value. */
export const EXTRA_PERIODS = 2;

/**
 * Evaluates an alarm as CloudWatch does, with its rules for missing data: periods without a value are skipped as long
 * as older ones have enough of them.
 *
 * @param range `EvaluationPeriods + EXTRA_PERIODS` periods, the latest last
 * @returns undefined when the alarm keeps its state
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function evaluate(
  range: readonly Datapoint[],
  rule: AlarmRule,
): { value: StateValue; reason: string } | undefined {
  const { EvaluationPeriods: periods, TreatMissingData: missing = 'missing' } = rule;
  const { DatapointsToAlarm: needed = periods, Threshold } = rule;
  const isBreaching = ({ value = 0 }: Datapoint) =>
    OPERATORS[rule.ComparisonOperator].test(value, Threshold);
  const real = range.filter(({ value }) => value !== undefined);
  const counted = real.slice(-periods);
  const missingCount = periods - counted.length;
  if (counted.length === 0) return withoutData(rule);

  const breaching = counted.filter(isBreaching);
  const hits = breaching.length + (missing === 'breaching' ? missingCount : 0);
  const [oldest] = real;
  // All values breach, and the oldest one is at least as old as the number of datapoints that an alarm needs.
  const isPersistent =
    missing === 'missing' &&
    breaching.length === counted.length &&
    oldest !== undefined &&
    range.length - range.indexOf(oldest) >= needed;
  if (hits >= needed || isPersistent) {
    return { value: 'ALARM', reason: describe(rule, breaching, 'ALARM') };
  }
  const isCertain = missingCount === 0 || missing === 'notBreaching' || missing === 'breaching';
  if (!isCertain && breaching.length === counted.length) return undefined;
  const others = counted.filter((point) => !isBreaching(point));
  return { value: 'OK', reason: describe(rule, others, 'OK') };
}

function withoutData(rule: AlarmRule): { value: StateValue; reason: string } | undefined {
  const { EvaluationPeriods: periods, TreatMissingData: missing = 'missing' } = rule;
  if (missing === 'ignore') return undefined;
  if (missing === 'missing') {
    const reason = `Insufficient Data: ${count(periods, 'datapoint')} ${were(periods)} unknown.`;
    return { value: 'INSUFFICIENT_DATA', reason };
  }
  const isBreaching = missing === 'breaching';
  return {
    value: isBreaching ? 'ALARM' : 'OK',
    reason:
      `Threshold Crossed: no datapoints were received for ${count(periods, 'period')} and ` +
      `${count(periods, 'missing datapoint')} ${were(periods)} treated as [${isBreaching ? 'Breaching' : 'NonBreaching'}].`,
  };
}

function describe(rule: AlarmRule, points: readonly Datapoint[], value: 'ALARM' | 'OK'): string {
  const { EvaluationPeriods: periods, Threshold } = rule;
  const { DatapointsToAlarm: needed = periods } = rule;
  const list = points.map((point) => `${decimal(point.value ?? 0)} (${shortTime(point.start)})`);
  const { words } = OPERATORS[rule.ComparisonOperator];
  const [not, minimum, change] =
    value === 'ALARM' ? ['', needed, 'OK -> ALARM'] : ['not ', periods - needed + 1, 'ALARM -> OK'];
  return (
    `Threshold Crossed: ${points.length} out of the last ${periods} datapoints [${list.join(', ')}] ` +
    `${were(points.length)} ${not}${words} the threshold (${decimal(Threshold)}) ` +
    `(minimum ${count(minimum, 'datapoint')} for ${change} transition).`
  );
}

function decimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

/** Formats a time as `31/01/26 12:00:00`. */
function shortTime(time: number): string {
  const [, year, month, day, clock] =
    /^\d\d(\d\d)-(\d\d)-(\d\d)T([\d:]{8})/.exec(new Date(time).toISOString()) ?? [];
  return `${day}/${month}/${year} ${clock}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function were(number: number): string {
  return number === 1 ? 'was' : 'were';
}
