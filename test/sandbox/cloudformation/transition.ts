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
 * One walk over a revision: forward to a new one, or back to the previous one. In either direction, a
 * resource is changed if its resolved properties differ from those of its instance. So a new attribute
 * of one resource changes every resource that uses it, and unchanged resources are left alone.
 */
export class Transition {
  readonly failures: StackFailure[] = [];
  /** Instances that were replaced on this walk, to be deleted once it has succeeded. */
  readonly superseded: ResourceInstance[] = [];
  /** Instances that failed replacements may have left behind. */
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
    return this.walk((resource) => this.apply(resource));
  }

  /** @param before the stack's instances as they were before the walk forward */
  back(before: ReadonlyMap<string, ResourceInstance>): Promise<void> {
    return this.walk((resource) =>
      this.restore(resource, before.get(resource.logicalId) as ResourceInstance),
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

  private async apply(resource: PlannedResource): Promise<boolean> {
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
   * Restores a resource: a replaced one gets its previous instance back, and one that was updated, or
   * whose update failed, is updated again from the new properties to the old ones.
   */
  private async restore(resource: PlannedResource, before: ResourceInstance): Promise<boolean> {
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
      const orphan = orphanOf(error, resource, properties);
      if (orphan) this.stack.instances.set(resource.logicalId, orphan);
      return this.fail(resource, 'CREATE', error, orphan?.physical.physicalId);
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
      const orphan = orphanOf(error, resource, properties);
      if (orphan) this.orphans.push(orphan);
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
      // A rejected update has changed nothing. Any other failure may have, and has to be rolled back.
      if (!(error instanceof ValidationError)) {
        const answered = error instanceof ResourceFailure ? error.physicalId : undefined;
        const physical = { ...current.physical, physicalId: answered ?? physicalId };
        const failed = { resource, physical, properties, status: 'UPDATE_FAILED' };
        this.stack.instances.set(resource.logicalId, failed);
      }
      return this.fail(resource, 'UPDATE', error, physicalId);
    }
  }

  /** Leaves the instance unchanged, but with this revision's policies and dependencies. */
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
    const found = this.context.findExport(name, this.stack);
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

/** Returns the instance that a failed create may have left behind: none if it failed without an id. */
function orphanOf(
  error: unknown,
  resource: PlannedResource,
  properties: ValueObject,
): ResourceInstance | undefined {
  const physicalId = error instanceof ResourceFailure ? error.physicalId : undefined;
  if (physicalId === undefined) return undefined;
  const physical = { physicalId, attributes: {} };
  return { resource, physical, properties, status: 'CREATE_FAILED' };
}
