import type { StackArtifact } from './assembly.ts';
import type { EngineContext } from './engine-context.ts';
import { ResourceCancelled, ResourceFailure, UnsupportedError } from './errors.ts';
import type { Context, Physical } from './resources/resource-type.ts';
import type { PlannedResource } from './revision.ts';
import type { ResourceInstance, Stack } from './stack.ts';
import { pathOf, type Template } from './template.ts';
import type { ValueObject } from './values.ts';

/** An operation that is about to be performed on a resource. */
export interface Operation {
  readonly kind: 'create' | 'update' | 'delete';
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  /** Id of the resource to update or delete; undefined for a create. */
  readonly physicalId?: string;
}

/** A fault that a test injects into an operation. */
export type ResourceFault =
  /** The operation fails with this reason before anything happens. */
  | { readonly failBefore: string }
  /** The operation is performed, then fails with this reason. */
  | { readonly failAfter: string }
  /** A custom resource's event reaches the function this many times, all at the same time. */
  | { readonly deliveries: number };

export type Intercept = (
  operation: Operation,
) => ResourceFault | undefined | Promise<ResourceFault | undefined>;

/** Performs the operations of one stack, with the faults that a test injects. */
export class Operations {
  private readonly context: EngineContext;
  private readonly stack: Stack;
  private readonly signal: AbortSignal;

  /** @param signal cancels operations that have not begun or wait for a custom resource's answer */
  constructor(context: EngineContext, stack: Stack, signal: AbortSignal) {
    this.context = context;
    this.stack = stack;
    this.signal = signal;
  }

  create(resource: PlannedResource, properties: ValueObject): Promise<Physical> {
    return this.perform('create', resource, undefined, (context) =>
      resource.type.create(properties, context),
    );
  }

  update(
    instance: ResourceInstance,
    resource: PlannedResource,
    wanted: ValueObject,
  ): Promise<Physical> {
    const { physical, properties } = instance;
    return this.perform('update', resource, physical, (context) =>
      resource.type.update(physical, wanted, properties, context),
    );
  }

  async delete({ resource, physical, properties }: ResourceInstance): Promise<void> {
    await this.perform('delete', resource, physical, async (context) => {
      await resource.type.delete(physical, properties, context);
      return undefined;
    });
  }

  private async perform<T extends Physical | undefined>(
    kind: Operation['kind'],
    resource: PlannedResource,
    physical: Physical | undefined,
    act: (context: Context) => Promise<T>,
  ): Promise<T> {
    const { aws, clock, invocations, intercept, nestedStacks } = this.context;
    const { logicalId, definition } = resource;
    const fault = await intercept({
      kind,
      stackName: this.stack.name,
      logicalId,
      type: definition.Type,
      physicalId: physical?.physicalId,
    });
    if (fault && 'failBefore' in fault) throw new ResourceFailure(fault.failBefore);
    if (this.signal.aborted) throw new ResourceCancelled(kind);
    const result = await act({
      aws,
      clock,
      invocations,
      nestedStacks,
      location: this.stack.location,
      stackName: this.stack.name,
      stackId: this.stack.id,
      logicalId,
      type: definition.Type,
      path: pathOf(definition),
      signal: this.signal,
      deliveries: fault && 'deliveries' in fault ? fault.deliveries : 1,
      assetDirectory: (hash) => this.artifact.assetDirectory(hash),
      nestedTemplate: (key) => nestedTemplateOf(this.artifact, key, pathOf(definition)),
    });
    if (fault && 'failAfter' in fault) {
      throw new ResourceFailure(fault.failAfter, (result ?? physical)?.physicalId);
    }
    return result;
  }

  private get artifact(): StackArtifact {
    const artifact = this.stack.revision?.artifact;
    if (!artifact) throw new Error(`Stack ${this.stack.name} has no assets`);
    return artifact;
  }
}

function nestedTemplateOf(artifact: StackArtifact, key: string, path?: string): Template {
  const template = artifact.nestedTemplate?.(key, path);
  if (template) return template;
  throw new UnsupportedError(`The template ${key} is not an asset of the app`);
}
