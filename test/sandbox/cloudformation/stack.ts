import { randomUUID } from 'node:crypto';
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
  /** Why the last operation failed, as the resources that failed put it. */
  readonly reason?: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly resources: ReadonlyMap<string, ResourceState>;
}

export interface ResourceState {
  readonly type: string;
  readonly physicalId: string;
  readonly status: string;
  /** `aws:cdk:path` of the construct. */
  readonly path?: string;
  /** A custom resource asked that its attributes be masked. */
  readonly noEcho?: boolean;
}

/** A physical resource of a stack, and what it was made from. */
export interface ResourceInstance {
  readonly resource: PlannedResource;
  readonly physical: Physical;
  readonly properties: ValueObject;
  status: string;
}

/** The way back to a revision, as long as it has not succeeded. */
export interface Rollback {
  readonly previous: ResourceRevision;
  /** The stack's instances as they were before the update. */
  readonly before: ReadonlyMap<string, ResourceInstance>;
  /** Why it is gone. */
  readonly failures: readonly StackFailure[];
  /** What the update had replaced. */
  readonly superseded: readonly ResourceInstance[];
  /** To be deleted once the stack is back. */
  readonly unwanted: readonly ResourceInstance[];
}

export interface Export {
  readonly name: string;
  readonly value: string;
}

export class Stack {
  readonly name: string;
  readonly id: string;
  readonly pseudoParameters: Record<string, string>;
  status = 'REVIEW_IN_PROGRESS';
  reason: string | undefined;
  /** What the stack is, or is on its way to. */
  revision: ResourceRevision | undefined;
  /** By logical id. */
  readonly instances = new Map<string, ResourceInstance>();
  /** What a failed rollback has left behind beside `instances`; deleted with the stack. */
  leftovers: readonly ResourceInstance[] = [];
  /** The rollback that has failed, in `UPDATE_ROLLBACK_FAILED`. */
  rollback: Rollback | undefined;
  outputs: Record<string, string> = {};
  exports: readonly Export[] = [];
  /** Names of the exports of other stacks that this one uses. */
  imports: ReadonlySet<string> = new Set();

  constructor(name: string, { region, account }: { region: string; account: string }) {
    this.name = name;
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

  /** Resolves what a revision says against the resources that the stack has at this moment. */
  scope(revision: ResourceRevision, importValue: Scope['importValue']): Scope {
    const instance = (logicalId: string): ResourceInstance | undefined =>
      revision.resources.has(logicalId) ? this.instances.get(logicalId) : undefined;
    return {
      ...revision.scope,
      ref: (name) => instance(name)?.physical.physicalId ?? revision.scope.ref(name),
      getAtt(logicalId, attribute) {
        const physical = instance(logicalId)?.physical;
        return physical ? attributeOf(physical, attribute) : revision.scope.getAtt(logicalId, '');
      },
      importValue,
    };
  }

  /** Forgets every instance that is not among the `remaining` ones. */
  keepOnly(remaining: readonly ResourceInstance[]): void {
    for (const [logicalId, instance] of this.instances) {
      if (!remaining.includes(instance)) this.instances.delete(logicalId);
    }
    this.leftovers = this.leftovers.filter((instance) => remaining.includes(instance));
  }

  state(): StackState {
    const resources = [...this.instances].map(([logicalId, { resource, physical, status }]) => {
      const { physicalId, noEcho } = physical;
      const { definition } = resource;
      const path = pathOf(definition);
      return [logicalId, { type: definition.Type, physicalId, status, path, noEcho }] as const;
    });
    return {
      stackId: this.id,
      name: this.name,
      status: this.status,
      reason: this.reason,
      outputs: this.outputs,
      resources: new Map(resources),
    };
  }
}

/** Values of the outputs, and which of them the stack exports. */
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
