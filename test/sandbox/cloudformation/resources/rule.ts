import type { Rule } from '../../aws/event-bridge/event-bridge.ts';
import type { EventPattern } from '../../aws/event-bridge/pattern.ts';
import { nameOf, resourceType } from './resource-type.ts';
import {
  integer,
  json,
  listOf,
  mapOf,
  type ObjectOf,
  object,
  only,
  optional,
  text,
} from './shape.ts';

const properties = {
  Name: optional(text),
  Description: optional(text),
  EventBusName: optional(only('default')),
  EventPattern: json<EventPattern>(),
  State: optional(only('ENABLED', 'DISABLED')),
  Targets: optional(
    listOf(
      object({
        Id: text,
        Arn: text,
        Input: optional(text),
        InputTransformer: optional(
          object({ InputPathsMap: optional(mapOf(text)), InputTemplate: text }),
        ),
        // A function that exists always accepts the event, so nothing is tried again.
        RetryPolicy: optional(
          object({
            MaximumRetryAttempts: optional(integer),
            MaximumEventAgeInSeconds: optional(integer),
          }),
        ),
      }),
    ),
  ),
};

/** `AWS::Events::Rule` on the default bus, whose targets are Lambda functions. */
export const rule = resourceType({
  properties,
  replacedBy: ['Name', 'EventBusName'],
  attributes: ['Arn'],
  create(wanted, context) {
    const name = nameOf(wanted.Name, context, 64);
    const { arn } = context.aws.eventBridge.create(ruleOf(name, wanted), context.location);
    return { physicalId: name, attributes: { Arn: arn } };
  },
  update({ physicalId }, { properties: wanted }, { aws, location }) {
    aws.eventBridge.put(ruleOf(physicalId, wanted), location);
  },
  delete: ({ physicalId }, _, { aws, location }) => aws.eventBridge.delete(physicalId, location),
});

function ruleOf(name: string, wanted: ObjectOf<typeof properties>): Rule {
  return {
    name,
    pattern: wanted.EventPattern,
    isEnabled: wanted.State !== 'DISABLED',
    targets: (wanted.Targets ?? []).map(({ Arn, Input, InputTransformer }) => ({
      arn: Arn,
      input: Input,
      transformer: InputTransformer && {
        paths: InputTransformer.InputPathsMap ?? {},
        template: InputTransformer.InputTemplate,
      },
    })),
  };
}
