import type { AlarmConfiguration } from '../../aws/cloudwatch/alarm.ts';
import { OPERATORS } from '../../aws/cloudwatch/evaluation.ts';
import { STATISTICS } from '../../aws/cloudwatch/metrics.ts';
import { ValidationError } from '../errors.ts';
import { nameOf, resourceType } from './resource-type.ts';
import {
  boolean,
  integer,
  json,
  listOf,
  number,
  type ObjectOf,
  object,
  only,
  optional,
  text,
} from './shape.ts';

const dimensions = optional(listOf(object({ Name: text, Value: text })));
const statistic = only(...STATISTICS);

const properties = {
  AlarmName: optional(text),
  AlarmDescription: optional(text),
  ActionsEnabled: optional(boolean),
  AlarmActions: optional(listOf(text)),
  OKActions: optional(listOf(text)),
  InsufficientDataActions: optional(listOf(text)),
  ComparisonOperator: only(...(Object.keys(OPERATORS) as (keyof typeof OPERATORS)[])),
  Threshold: number,
  EvaluationPeriods: integer,
  DatapointsToAlarm: optional(integer),
  TreatMissingData: optional(only('missing', 'ignore', 'breaching', 'notBreaching')),
  Namespace: optional(text),
  MetricName: optional(text),
  Dimensions: dimensions,
  Statistic: optional(statistic),
  Period: optional(integer),
  // The CDK writes a metric with a label in this form. Expressions are not supported.
  Metrics: optional(
    listOf(
      object({
        Id: text,
        Label: optional(text),
        ReturnData: optional(only(true)),
        MetricStat: object({
          Metric: object({ Namespace: text, MetricName: text, Dimensions: dimensions }),
          Period: integer,
          Stat: statistic,
        }),
      }),
    ),
  ),
  Tags: optional(json()),
};

/** `AWS::CloudWatch::Alarm` on one metric. */
export const alarm = resourceType({
  properties,
  replacedBy: ['AlarmName'],
  attributes: ['Arn'],
  create(wanted, context) {
    const name = nameOf(wanted.AlarmName, context, 255);
    const { arn } = context.aws.cloudWatch.create(configuration(name, wanted), context.location);
    return { physicalId: name, attributes: { Arn: arn } };
  },
  update({ physicalId }, { properties: wanted }, { aws, location }) {
    aws.cloudWatch.update(configuration(physicalId, wanted), location);
  },
  delete: ({ physicalId }, _, { aws, location }) => aws.cloudWatch.delete(physicalId, location),
});

function configuration(name: string, wanted: ObjectOf<typeof properties>): AlarmConfiguration {
  const { Metrics, Tags: _tags, ...rest } = wanted;
  const [only, ...others] = Metrics ?? [];
  if (others.length > 0) throw new ValidationError('Metrics: the sandbox supports only one');
  const stat = only?.MetricStat;
  const { Namespace, MetricName, Dimensions } = stat?.Metric ?? rest;
  const [Period, Statistic] = stat ? [stat.Period, stat.Stat] : [rest.Period, rest.Statistic];
  if (!Namespace || !MetricName || !Period || !Statistic || (stat && rest.MetricName)) {
    throw new ValidationError(
      'An alarm needs either Metrics or Namespace, MetricName, Period and Statistic',
    );
  }
  return { ...rest, AlarmName: name, Namespace, MetricName, Dimensions, Period, Statistic };
}
