import { type EngineContext, reportResource } from './engine-context.ts';
import { ResourceFailure, ValidationError } from './errors.ts';
import type { StackFailure } from './failures.ts';
import { walk } from './graph.ts';
import { resolve, type Scope } from './intrinsics.ts';
import { Operations } from './operations.ts';
import type { PlannedResource, ResourceRevision } from './revision.ts';
import type { ResourceInstance, Stack } from './stack.ts';
import { sameValue, type ValueObject } from './values.ts';

type Verb = StackFailure['verb'];

/**
 * One walk over a revision, forward to a new one or back to the last. In either direction a resource
 * is changed when its resolved properties are not those of its instance, so that a new attribute of
 * one resource changes all that depend on it, and what has not changed is not touched.
 */
export class Transition {
  readonly failures: StackFailure[] = [];
  /** Replaced on this walk; to be deleted once the stack has arrived. */
  readonly superseded: ResourceInstance[] = [];
  /** What replacements that failed may have left behind. */
  readonly orphans: ResourceInstance[] = [];
  /** Names of other stacks' exports that the revision uses. */
  readonly imports = new Set<string>();
  readonly scope: Scope;
  private readonly context: EngineContext;
  private readonly stack: Stack;
  private readonly revision: ResourceRevision;
  private readonly operations: Operations;
  private readonly cancellation = new AbortController();

  constructor(context: EngineContext, stack: Stack, revision: ResourceRevision) {
    this.context = context;
    this.stack = stack;
    this.revision = revision;
    this.operations = new Operations(context, stack, this.cancellation.signal);
    this.scope = stack.scope(revision, (name) => this.importValue(name));
  }

  forward(): Promise<void> {
    return this.walk((resource) => this.bring(resource));
  }

  /** @param before the stack's instances as they were before the way forward. */
  back(before: ReadonlyMap<string, ResourceInstance>): Promise<void> {
    return this.walk((resource) =>
      this.takeBack(resource, before.get(resource.logicalId) as ResourceInstance),
    );
  }

  private walk(visit: (resource: PlannedResource) => Promise<boolean>): Promise<void> {
    const { resources } = this.revision;
    this.stack.revision = this.revision;
    return walk({
      nodes: [...resources.values()],
      before: ({ dependencies }) => dependencies.flatMap((id) => resources.get(id) ?? []),
      visit,
      stopsAtFailure: true,
    });
  }

  private async bring(resource: PlannedResource): Promise<boolean> {
    const current = this.stack.instances.get(resource.logicalId);
    const wanted = this.resolve(resource, current ? 'UPDATE' : 'CREATE');
    if (!wanted) return false;
    if (!current) return this.create(resource, wanted);
    const changed = changedProperties(current.properties, wanted);
    if (changed.length === 0) return this.keep(resource, current);
    return resource.type.isReplacedBy(changed)
      ? this.replace(resource, current, wanted)
      : this.update(resource, current, wanted);
  }

  /**
   * What was replaced comes back as it was. What was updated, and what failed on the way, is updated
   * once more: the old properties over the new ones.
   */
  private async takeBack(resource: PlannedResource, before: ResourceInstance): Promise<boolean> {
    const now = this.stack.instances.get(resource.logicalId) as ResourceInstance;
    const isFailed = now.status === 'UPDATE_FAILED';
    const isReplaced = now.physical.physicalId !== before.physical.physicalId && !isFailed;
    if (isReplaced) {
      this.superseded.push(now);
      this.stack.instances.set(resource.logicalId, before);
    }
    const current = isReplaced ? before : now;
    const wanted = this.resolve(resource, 'UPDATE');
    if (!wanted) return false;
    if (isFailed || changedProperties(current.properties, wanted).length > 0) {
      return this.update(resource, current, wanted);
    }
    if (isReplaced) {
      this.report(resource, 'UPDATE_IN_PROGRESS', current.physical.physicalId);
      this.report(resource, 'UPDATE_COMPLETE', current.physical.physicalId);
    }
    return this.keep(resource, current);
  }

  private async create(resource: PlannedResource, properties: ValueObject): Promise<boolean> {
    this.report(resource, 'CREATE_IN_PROGRESS');
    try {
      const physical = await this.operations.create(resource, properties);
      const instance = { resource, physical, properties, status: 'CREATE_COMPLETE' };
      this.report(
        resource,
        'CREATE_IN_PROGRESS',
        physical.physicalId,
        'Resource creation Initiated',
      );
      return this.settle(instance);
    } catch (error) {
      const left = leftBehind(error, resource, properties);
      if (left) this.stack.instances.set(resource.logicalId, left);
      return this.fail(resource, 'CREATE', error, left?.physical.physicalId);
    }
  }

  private async replace(
    resource: PlannedResource,
    current: ResourceInstance,
    properties: ValueObject,
  ): Promise<boolean> {
    const { physicalId } = current.physical;
    this.report(
      resource,
      'UPDATE_IN_PROGRESS',
      physicalId,
      'Requested update requires the creation of a new physical resource; hence creating one.',
    );
    try {
      const physical = await this.operations.create(resource, properties);
      const instance = { resource, physical, properties, status: 'UPDATE_COMPLETE' };
      this.report(
        resource,
        'UPDATE_IN_PROGRESS',
        physical.physicalId,
        'Resource creation Initiated',
      );
      this.superseded.push(current);
      return this.settle(instance);
    } catch (error) {
      const left = leftBehind(error, resource, properties);
      if (left) this.orphans.push(left);
      return this.fail(resource, 'UPDATE', error, physicalId);
    }
  }

  private async update(
    resource: PlannedResource,
    current: ResourceInstance,
    properties: ValueObject,
  ): Promise<boolean> {
    const { physicalId } = current.physical;
    this.report(resource, 'UPDATE_IN_PROGRESS', physicalId);
    try {
      const physical = await this.operations.update(current, resource, properties);
      if (physical.physicalId !== physicalId) {
        this.superseded.push(current);
        this.report(
          resource,
          'UPDATE_IN_PROGRESS',
          physical.physicalId,
          'Requested update required the provider to create a new physical resource',
        );
      }
      return this.settle({ resource, physical, properties, status: 'UPDATE_COMPLETE' });
    } catch (error) {
      // A refusal has touched nothing. Anything else may have, and has to be taken back.
      if (!(error instanceof ValidationError)) {
        const answered = error instanceof ResourceFailure ? error.physicalId : undefined;
        const physical = { ...current.physical, physicalId: answered ?? physicalId };
        const failed = { resource, physical, properties, status: 'UPDATE_FAILED' };
        this.stack.instances.set(resource.logicalId, failed);
      }
      return this.fail(resource, 'UPDATE', error, physicalId);
    }
  }

  /** Untouched; its policies and dependencies are those of the revision all the same. */
  private keep(resource: PlannedResource, current: ResourceInstance): true {
    this.stack.instances.set(resource.logicalId, { ...current, resource });
    return true;
  }

  private settle(instance: ResourceInstance): true {
    const { resource, physical, status } = instance;
    this.stack.instances.set(resource.logicalId, instance);
    this.report(resource, status, physical.physicalId);
    return true;
  }

  private fail(resource: PlannedResource, verb: Verb, error: unknown, physicalId?: string): false {
    const { logicalId } = resource;
    this.failures.push({ verb, logicalId, error: error as Error });
    this.report(resource, `${verb}_FAILED`, physicalId, (error as Error).message);
    this.cancellation.abort();
    return false;
  }

  private resolve(resource: PlannedResource, verb: Verb): ValueObject | undefined {
    const { logicalId, definition } = resource;
    try {
      return resolve(definition.Properties, this.scope, logicalId) as ValueObject;
    } catch (error) {
      this.fail(resource, verb, error, this.stack.instances.get(logicalId)?.physical.physicalId);
      return undefined;
    }
  }

  private importValue(name: string): string {
    const found = this.context.findExport(name);
    if (!found) throw new ValidationError(`No export named ${name} found.`);
    this.imports.add(name);
    return found.value;
  }

  private report(
    resource: PlannedResource,
    status: string,
    physicalId?: string,
    reason?: string,
  ): void {
    reportResource(this.context, this.stack, resource, { status, physicalId, reason });
  }
}

function changedProperties(current: ValueObject, wanted: ValueObject): string[] {
  const names = new Set([...Object.keys(current), ...Object.keys(wanted)]);
  return [...names].filter((name) => !sameValue(current[name], wanted[name]));
}

/** What a failed create leaves to be deleted: nothing, where it failed without an id. */
function leftBehind(
  error: unknown,
  resource: PlannedResource,
  properties: ValueObject,
): ResourceInstance | undefined {
  const physicalId = error instanceof ResourceFailure ? error.physicalId : undefined;
  if (physicalId === undefined) return undefined;
  const physical = { physicalId, attributes: {} };
  return { resource, physical, properties, status: 'CREATE_FAILED' };
}
