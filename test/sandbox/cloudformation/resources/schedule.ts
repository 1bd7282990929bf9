import { nameOf, resourceType } from './resource-type.ts';
import { integer, object, only, optional, text } from './shape.ts';

/** `AWS::Scheduler::Schedule` of the default group, which invokes a Lambda function. */
export const schedule = resourceType({
  properties: {
    Name: optional(text),
    GroupName: optional(only('default')),
    Description: optional(text),
    State: optional(only('ENABLED', 'DISABLED')),
    ScheduleExpression: text,
    ScheduleExpressionTimezone: optional(only('UTC', 'Etc/UTC')),
    FlexibleTimeWindow: object({ Mode: only('OFF') }),
    Target: object({
      Arn: text,
      RoleArn: text,
      Input: optional(text),
      RetryPolicy: optional(
        object({
          MaximumRetryAttempts: optional(integer),
          MaximumEventAgeInSeconds: optional(integer),
        }),
      ),
    }),
  },
  replacedBy: ['Name', 'GroupName'],
  attributes: ['Arn'],
  create(wanted, context) {
    const name = nameOf(wanted.Name, context, 64);
    const { aws, location } = context;
    const { arn } = aws.scheduler.create({ ...wanted, Name: name }, location);
    return { physicalId: name, attributes: { Arn: arn } };
  },
  update({ physicalId }, { properties }, { aws, location }) {
    aws.scheduler.update({ ...properties, Name: physicalId }, location);
  },
  delete: ({ physicalId }, _, { aws, location }) => aws.scheduler.delete(physicalId, location),
});
