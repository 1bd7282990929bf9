import { deleteInstances, deletionFailure } from './deletion.ts';
import { type EngineContext, reportStack } from './engine-context.ts';
import { ValidationError } from './errors.ts';
import { causeOf, summaryOf } from './failures.ts';
import type { ResourceRevision } from './revision.ts';
import { type ResourceInstance, type Rollback, resolveOutputs, type Stack } from './stack.ts';
import { Transition } from './transition.ts';

/** Creates a stack, or rolls back everything if that fails. */
export async function createStack(
  context: EngineContext,
  stack: Stack,
  revision: ResourceRevision,
): Promise<void> {
  reportStack(context, stack, 'CREATE_IN_PROGRESS', 'User Initiated');
  const { failures } = await goForward(context, stack, revision);
  if (failures.length === 0) {
    reportStack(context, stack, 'CREATE_COMPLETE');
    return;
  }
  stack.reason = causeOf(failures);
  const summary = summaryOf(failures);
  reportStack(context, stack, 'ROLLBACK_IN_PROGRESS', `${summary}Rollback requested by user.`);
  const remaining = await deleteInstances(context, stack, [...stack.instances.values()], {
    retains: ({ resource }) => resource.definition.DeletionPolicy === 'Retain',
  });
  stack.keepOnly(remaining);
  if (remaining.length === 0) reportStack(context, stack, 'ROLLBACK_COMPLETE');
  else reportStack(context, stack, 'ROLLBACK_FAILED', deletionFailure(remaining));
}

/** Updates a stack to a new revision, or rolls it back to the previous one. */
export async function updateStack(
  context: EngineContext,
  stack: Stack,
  revision: ResourceRevision,
): Promise<void> {
  const previous = stack.revision as ResourceRevision;
  const before = new Map(stack.instances);
  reportStack(context, stack, 'UPDATE_IN_PROGRESS', 'User Initiated');
  const forward = await goForward(context, stack, revision);
  if (forward.failures.length === 0) {
    reportStack(context, stack, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
    const isClean = await cleanUp(context, stack, forward.superseded, (instance) => {
      const { logicalId, definition } = instance.resource;
      const successor = stack.instances.get(logicalId)?.resource.definition;
      return (successor?.UpdateReplacePolicy ?? definition.DeletionPolicy) !== 'Delete';
    });
    reportStack(
      context,
      stack,
      'UPDATE_COMPLETE',
      isClean ? undefined : `Update successful. ${abandoned}`,
    );
    return;
  }

  const { failures, superseded, orphans } = forward;
  await rollBack(context, stack, { previous, before, failures, superseded, unwanted: orphans });
}

/** Retries a failed rollback, leaving alone what it has already restored. */
export async function continueRollback(
  context: EngineContext,
  stack: Stack,
  rollback: Rollback,
): Promise<void> {
  stack.rollback = undefined;
  stack.leftovers = [];
  await rollBack(context, stack, rollback);
}

async function rollBack(context: EngineContext, stack: Stack, rollback: Rollback): Promise<void> {
  const { previous, before, failures } = rollback;
  reportStack(context, stack, 'UPDATE_ROLLBACK_IN_PROGRESS', summaryOf(failures));
  const back = new Transition(context, stack, previous);
  await back.back(before);
  stack.reason = causeOf([...failures, ...back.failures]);
  const unwanted = [...rollback.unwanted, ...back.superseded];
  if (back.failures.length > 0) {
    const unrestored = rollback.superseded.filter(({ resource, physical }) => {
      const current = stack.instances.get(resource.logicalId);
      return current?.physical.physicalId !== physical.physicalId;
    });
    stack.leftovers = [...unwanted, ...unrestored];
    stack.rollback = { ...rollback, failures: back.failures, unwanted };
    reportStack(context, stack, 'UPDATE_ROLLBACK_FAILED', summaryOf(back.failures));
    return;
  }
  reportStack(context, stack, 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
  const isClean = await cleanUp(
    context,
    stack,
    unwanted,
    ({ resource }) =>
      !previous.resources.has(resource.logicalId) &&
      resource.definition.DeletionPolicy === 'Retain',
  );
  reportStack(context, stack, 'UPDATE_ROLLBACK_COMPLETE', isClean ? undefined : abandoned);
}

const abandoned = 'One or more resources could not be deleted.';

async function goForward(
  context: EngineContext,
  stack: Stack,
  revision: ResourceRevision,
): Promise<Transition> {
  const transition = new Transition(context, stack, revision);
  await transition.forward();
  if (transition.failures.length > 0) return transition;
  try {
    publish(context, stack, revision, transition);
  } catch (error) {
    transition.failures.push({ verb: 'UPDATE', error: error as Error });
  }
  return transition;
}

/** Sets the stack's outputs, exports and imports: the last step that can fail. */
function publish(
  context: EngineContext,
  stack: Stack,
  revision: ResourceRevision,
  transition: Transition,
): void {
  const { outputs, exports } = resolveOutputs(revision, stack.masked(transition.scope));
  for (const { name } of exports) {
    const owner = context.findExport(name, stack)?.stackName ?? stack.name;
    if (owner === stack.name) continue;
    throw new ValidationError(`Export with name ${name} is already exported by stack ${owner}.`);
  }
  for (const { name, value } of stack.exports) {
    const [user] = context.importersOf(name, stack);
    const isKept = exports.some((other) => other.name === name && other.value === value);
    if (user === undefined || isKept) continue;
    throw new ValidationError(`Cannot update export ${name} as it is in use by ${user}.`);
  }
  stack.outputs = outputs;
  stack.exports = exports;
  stack.imports = transition.imports;
  stack.reason = undefined;
}

/** Deletes what the stack's revision no longer contains. A failure no longer changes the outcome. */
async function cleanUp(
  context: EngineContext,
  stack: Stack,
  superseded: readonly ResourceInstance[],
  retains: (instance: ResourceInstance) => boolean,
): Promise<boolean> {
  const removed = [...stack.instances.values()].filter(
    ({ resource }) => !stack.revision?.resources.has(resource.logicalId),
  );
  for (const { resource } of removed) stack.instances.delete(resource.logicalId);
  const unwanted = [...superseded, ...removed];
  const remaining = await deleteInstances(context, stack, unwanted, { retains, isCleanUp: true });
  return remaining.length === 0;
}
