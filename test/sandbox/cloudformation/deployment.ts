import { deleteInstances, deletionFailure } from './deletion.ts';
import { ValidationError } from './errors.ts';
import { causeOf, summaryOf } from './failures.ts';
import type { Revision } from './revision.ts';
import { type Instance, type Rollback, resolveOutputs, type Stack } from './stack.ts';
import { Transition } from './transition.ts';
import { reportStack, type World } from './engine-context.ts';

/** Brings a stack into being, or takes everything back that it took to fail. */
export async function createStack(world: World, stack: Stack, revision: Revision): Promise<void> {
  reportStack(world, stack, 'CREATE_IN_PROGRESS', 'User Initiated');
  const { failures } = await goForward(world, stack, revision);
  if (failures.length === 0) {
    reportStack(world, stack, 'CREATE_COMPLETE');
    return;
  }
  stack.reason = causeOf(failures);
  const summary = summaryOf(failures);
  reportStack(world, stack, 'ROLLBACK_IN_PROGRESS', `${summary}Rollback requested by user.`);
  const remaining = await deleteInstances(world, stack, [...stack.instances.values()], {
    retains: ({ resource }) => resource.definition.DeletionPolicy === 'Retain',
  });
  stack.keepOnly(remaining);
  if (remaining.length === 0) reportStack(world, stack, 'ROLLBACK_COMPLETE');
  else reportStack(world, stack, 'ROLLBACK_FAILED', deletionFailure(remaining));
}

/** Brings a stack to a new revision, or back to the one it had. */
export async function updateStack(world: World, stack: Stack, revision: Revision): Promise<void> {
  const previous = stack.revision as Revision;
  const before = new Map(stack.instances);
  reportStack(world, stack, 'UPDATE_IN_PROGRESS', 'User Initiated');
  const forward = await goForward(world, stack, revision);
  if (forward.failures.length === 0) {
    reportStack(world, stack, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
    const isClean = await cleanUp(world, stack, forward.superseded, (instance) => {
      const { logicalId, definition } = instance.resource;
      const successor = stack.instances.get(logicalId)?.resource.definition;
      return (successor?.UpdateReplacePolicy ?? definition.DeletionPolicy) !== 'Delete';
    });
    reportStack(
      world,
      stack,
      'UPDATE_COMPLETE',
      isClean ? undefined : `Update successful. ${abandoned}`,
    );
    return;
  }

  const { failures, superseded, debris } = forward;
  await rollBack(world, stack, { previous, before, failures, superseded, unwanted: debris });
}

/** Tries a rollback that has failed once more; what it has restored by then is not touched again. */
export async function continueRollback(
  world: World,
  stack: Stack,
  rollback: Rollback,
): Promise<void> {
  stack.rollback = undefined;
  stack.leftovers = [];
  await rollBack(world, stack, rollback);
}

async function rollBack(world: World, stack: Stack, rollback: Rollback): Promise<void> {
  const { previous, before, failures } = rollback;
  reportStack(world, stack, 'UPDATE_ROLLBACK_IN_PROGRESS', summaryOf(failures));
  const back = new Transition(world, stack, previous);
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
    reportStack(world, stack, 'UPDATE_ROLLBACK_FAILED', summaryOf(back.failures));
    return;
  }
  reportStack(world, stack, 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
  const isClean = await cleanUp(
    world,
    stack,
    unwanted,
    ({ resource }) =>
      !previous.resources.has(resource.logicalId) &&
      resource.definition.DeletionPolicy === 'Retain',
  );
  reportStack(world, stack, 'UPDATE_ROLLBACK_COMPLETE', isClean ? undefined : abandoned);
}

const abandoned = 'One or more resources could not be deleted.';

async function goForward(world: World, stack: Stack, revision: Revision): Promise<Transition> {
  const transition = new Transition(world, stack, revision);
  await transition.forward();
  if (transition.failures.length > 0) return transition;
  try {
    publish(world, stack, revision, transition);
  } catch (error) {
    transition.failures.push({ verb: 'UPDATE', error: error as Error });
  }
  return transition;
}

/** Gives the stack its outputs: the last thing that can fail. */
function publish(world: World, stack: Stack, revision: Revision, transition: Transition): void {
  const { outputs, exports } = resolveOutputs(revision, transition.scope);
  for (const { name } of exports) {
    const owner = world.findExport(name)?.stackName ?? stack.name;
    if (owner === stack.name) continue;
    throw new ValidationError(`Export with name ${name} is already exported by stack ${owner}.`);
  }
  for (const { name, value } of stack.exports) {
    const [user] = world.importersOf(name, stack);
    const isKept = exports.some((other) => other.name === name && other.value === value);
    if (user === undefined || isKept) continue;
    throw new ValidationError(`Cannot update export ${name} as it is in use by ${user}.`);
  }
  stack.outputs = outputs;
  stack.exports = exports;
  stack.imports = transition.imports;
  stack.reason = undefined;
}

/** Deletes what the stack's revision has no place for. Whether that worked decides nothing any more. */
async function cleanUp(
  world: World,
  stack: Stack,
  superseded: readonly Instance[],
  retains: (instance: Instance) => boolean,
): Promise<boolean> {
  const removed = [...stack.instances.values()].filter(
    ({ resource }) => !stack.revision?.resources.has(resource.logicalId),
  );
  for (const { resource } of removed) stack.instances.delete(resource.logicalId);
  const unwanted = [...superseded, ...removed];
  const remaining = await deleteInstances(world, stack, unwanted, { retains, isCleanUp: true });
  return remaining.length === 0;
}
