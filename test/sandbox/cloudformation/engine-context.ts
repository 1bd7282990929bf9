import type { Aws } from '../aws/aws.ts';
import type { AsyncInvocations } from '../aws/lambda/async-invocations.ts';
import type { Clock } from '../clock.ts';
import type { Leniency } from '../leniency.ts';
import type { Intercept } from './operations.ts';
import type { NestedStacks } from './resources/resource-type.ts';
import type { PlannedResource } from './revision.ts';
import type { Export, Stack } from './stack.ts';
import { pathOf } from './template.ts';

export interface StackEvent {
  /** Milliseconds since the epoch, by the sandbox's clock. */
  readonly time: number;
  readonly stackName: string;
  readonly logicalId: string;
  readonly physicalId?: string;
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  /** `aws:cdk:path` of the construct. */
  readonly path?: string;
}

/** The services and state that all stacks share. */
export interface EngineContext {
  readonly aws: Aws;
  readonly clock: Clock;
  readonly invocations: AsyncInvocations;
  readonly intercept: Intercept;
  readonly nestedStacks: NestedStacks;
  /** Absent in strict mode. */
  readonly leniency?: Leniency;
  emit(event: StackEvent): void;
  /** Finds an export in the location of the stack that uses it. */
  findExport(name: string, stack: Stack): (Export & { stackName: string }) | undefined;
  /** Returns an output of another stack, as a weak reference reads it. */
  outputOf(stackName: string, output: string): string | undefined;
  /** Returns the names of the other stacks that use an export of this stack. */
  importersOf(name: string, stack: Stack): string[];
}

export function reportStack(
  context: EngineContext,
  stack: Stack,
  status: string,
  reason?: string,
): void {
  stack.status = status;
  if (/^(CREATE|UPDATE)_IN_PROGRESS$/.test(status)) stack.updatedAt = context.clock.now();
  context.emit({
    time: context.clock.now(),
    stackName: stack.name,
    logicalId: stack.name,
    physicalId: stack.id,
    type: 'AWS::CloudFormation::Stack',
    status,
    reason,
  });
}

export function reportResource(
  context: EngineContext,
  stack: Stack,
  { logicalId, definition }: PlannedResource,
  event: { status: string; physicalId?: string; reason?: string },
): void {
  context.emit({
    time: context.clock.now(),
    stackName: stack.name,
    logicalId,
    physicalId: event.physicalId,
    type: definition.Type,
    status: event.status,
    reason: event.reason,
    path: pathOf(definition),
  });
}
