import { randomUUID } from 'node:crypto';
import type { Location } from '../aws/account.ts';
import type { StackFailure } from './failures.ts';
import { resolve, type Scope } from './intrinsics.ts';
import { attributeOf, type Physical } from './resources/resource-type.ts';
import type { PlannedResource, ResourceRevision } from './revision.ts';
import { pathOf } from './template.ts';
import type { ValueObject } from './values.ts';

export interface StackState {
  readonly stackId: string;
  readonly name: string;
  readonly status: string;
  /** When its last update began, or its creation if it has none. */
  readonly updatedAt: number;
  /** Why the last operation failed, in the words of the resources that failed. */
  readonly reason?: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly resources: ReadonlyMap<string, ResourceState>;
}

export interface ResourceState {
  readonly type: string;
  readonly physicalId: string;
  /** As they were resolved when it was created or last updated. */
  readonly properties: ValueObject;
  readonly status: string;
  /** `aws:cdk:path` of the construct. */
  readonly path?: string;
  /** Whether the custom resource asked for its attributes to be masked. */
  readonly noEcho?: boolean;
}

/** A physical resource of a stack, with the definition and properties it was created from. */
export interface ResourceInstance {
  readonly resource: PlannedResource;
  readonly physical: Physical;
  readonly properties: ValueObject;
  status: string;
}

/** A rollback to a revision that has not succeeded yet. */
export interface Rollback {
  readonly previous: ResourceRevision;
  /** The stack's instances as they were before the update. */
  readonly before: ReadonlyMap<string, ResourceInstance>;
  /** Why the stack is rolled back: failures of the update, or of the last attempt at a rollback. */
  readonly failures: readonly StackFailure[];
  /** Instances that the update replaced. */
  readonly superseded: readonly ResourceInstance[];
  /** Instances to delete once the rollback has succeeded. */
  readonly unwanted: readonly ResourceInstance[];
}

export interface Export {
  readonly name: string;
  readonly value: string;
}

export class Stack {
  readonly name: string;
  readonly id: string;
  readonly location: Location;
  readonly pseudoParameters: Record<string, string>;
  status = 'REVIEW_IN_PROGRESS';
  updatedAt = 0;
  reason: string | undefined;
  /** The revision that the stack has or is moving to. */
  revision: ResourceRevision | undefined;
  /** By logical id. */
  readonly instances = new Map<string, ResourceInstance>();
  /** Instances that a failed rollback left in addition to `instances`; deleted with the stack. */
  leftovers: readonly ResourceInstance[] = [];
  /** The failed rollback, in `UPDATE_ROLLBACK_FAILED`. */
  rollback: Rollback | undefined;
  outputs: Record<string, string> = {};
  exports: readonly Export[] = [];
  /** Names of other stacks' exports that this stack uses. */
  imports: ReadonlySet<string> = new Set();

  constructor(name: string, location: Location) {
    const { region, account } = location;
    this.name = name;
    this.location = location;
    this.id = `arn:aws:cloudformation:${region}:${account}:stack/${name}/${randomUUID()}`;
    this.pseudoParameters = {
      'AWS::AccountId': account,
      'AWS::Partition': 'aws',
      'AWS::Region': region,
      'AWS::StackId': this.id,
      'AWS::StackName': name,
      'AWS::URLSuffix': 'amazonaws.com',
    };
  }

  /** Returns a scope that resolves a revision against the resources that the stack has at each look-up. */
  scope(revision: ResourceRevision, importValue: Scope['importValue']): Scope {
    const { location } = this;
    const instance = (logicalId: string): ResourceInstance | undefined =>
      revision.resources.has(logicalId) ? this.instances.get(logicalId) : undefined;
    return {
      ...revision.scope,
      ref: (name) => instance(name)?.physical.physicalId ?? revision.scope.ref(name),
      getAtt(logicalId, attribute) {
        const physical = instance(logicalId)?.physical;
        if (!physical) return revision.scope.getAtt(logicalId, '');
        const { type } = revision.resources.get(logicalId) as PlannedResource;
        return type.attribute?.(physical, attribute, location) ?? attributeOf(physical, attribute);
      },
      importValue,
    };
  }

  /** Returns a scope for outputs, in which CloudFormation masks the attributes of a `NoEcho` resource. */
  masked(scope: Scope): Scope {
    return {
      ...scope,
      getAtt: (logicalId, attribute) =>
        this.instances.get(logicalId)?.physical.noEcho
          ? '*****'
          : scope.getAtt(logicalId, attribute),
    };
  }

  /** Drops every instance that is not in `remaining`. */
  keepOnly(remaining: readonly ResourceInstance[]): void {
    for (const [logicalId, instance] of this.instances) {
      if (!remaining.includes(instance)) this.instances.delete(logicalId);
    }
    this.leftovers = this.leftovers.filter((instance) => remaining.includes(instance));
  }

  state(): StackState {
    const resources = [...this.instances].map(
      ([logicalId, { resource, physical, properties, status }]) => {
        const { physicalId, noEcho } = physical;
        const { definition } = resource;
        const path = pathOf(definition);
        const { Type: type } = definition;
        return [logicalId, { type, physicalId, properties, status, path, noEcho }] as const;
      },
    );
    return {
      stackId: this.id,
      name: this.name,
      status: this.status,
      updatedAt: this.updatedAt,
      reason: this.reason,
      outputs: this.outputs,
      resources: new Map(resources),
    };
  }
}

/** Resolves the outputs, and returns separately those that the stack exports. */
export function resolveOutputs(
  revision: ResourceRevision,
  scope: Scope,
): { outputs: Record<string, string>; exports: Export[] } {
  const outputs: Record<string, string> = {};
  const exports: Export[] = [];
  for (const [name, output] of Object.entries(revision.artifact.template.Outputs)) {
    if (output.Condition !== undefined && !scope.condition(output.Condition)) continue;
    const at = `Outputs.${name}`;
    const value = String(resolve(output.Value, scope, at));
    outputs[name] = value;
    if (output.Export) {
      exports.push({ name: String(resolve(output.Export.Name, scope, at)), value });
    }
  }
  return { outputs, exports };
}
