import { type EngineContext, reportResource } from './engine-context.ts';
import { walk } from './graph.ts';
import { Operations } from './operations.ts';
import type { ResourceInstance, Stack } from './stack.ts';

export interface DeletionOptions {
  /** Whether a policy retains the instance: it leaves the stack but is not deleted. */
  readonly retains: (instance: ResourceInstance) => boolean;
  /**
   * Whether this follows an update: each delete is tried three times and then abandoned, without
   * blocking the others. Otherwise, everything that a failed instance depends on stays too.
   */
  readonly isCleanUp?: boolean;
}

const CLEAN_UP_ATTEMPTS = 3;

/** Deletes each instance after those that depend on it. Returns the ones that remain. */
export async function deleteInstances(
  context: EngineContext,
  stack: Stack,
  instances: readonly ResourceInstance[],
  { retains, isCleanUp = false }: DeletionOptions,
): Promise<ResourceInstance[]> {
  const operations = new Operations(context, stack, new AbortController().signal);
  const remaining = new Set(instances);

  const attempt = async (instance: ResourceInstance): Promise<boolean> => {
    const report = (status: string, reason?: string): void => {
      const { physicalId } = instance.physical;
      instance.status = status;
      reportResource(context, stack, instance.resource, { status, physicalId, reason });
    };
    if (retains(instance)) {
      report('DELETE_SKIPPED');
      return true;
    }
    report('DELETE_IN_PROGRESS');
    try {
      await operations.delete(instance);
      report('DELETE_COMPLETE');
      return true;
    } catch (error) {
      report('DELETE_FAILED', (error as Error).message);
      return false;
    }
  };

  await walk({
    nodes: instances,
    before: ({ resource }) =>
      instances.filter((other) => other.resource.dependencies.includes(resource.logicalId)),
    async visit(instance) {
      for (let left = isCleanUp ? CLEAN_UP_ATTEMPTS : 1; left > 0; left -= 1) {
        if (!(await attempt(instance))) continue;
        remaining.delete(instance);
        return true;
      }
      return isCleanUp;
    },
    stopsAtFailure: false,
  });
  return [...remaining];
}

/** Lists the failed deletes in CloudFormation's words, without the instances that stayed because of them. */
export function deletionFailure(instances: readonly ResourceInstance[]): string {
  const failed = instances.filter(({ status }) => status === 'DELETE_FAILED');
  const ids = failed.map(({ resource }) => resource.logicalId).join(', ');
  return `The following resource(s) failed to delete: [${ids}]. `;
}
