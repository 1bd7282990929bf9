import type { Location } from '../aws/account.ts';
import type { Aws } from '../aws/aws.ts';
import { AsyncInvocations } from '../aws/lambda/async-invocations.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Leniency } from '../leniency.ts';
import type { StackArtifact } from './assembly.ts';
import { deleteInstances, deletionFailure } from './deletion.ts';
import { continueRollback, createStack, updateStack } from './deployment.ts';
import { type EngineContext, reportStack, type StackEvent } from './engine-context.ts';
import { UnsupportedError, ValidationError } from './errors.ts';
import type { Intercept } from './operations.ts';
import type { NestedStack } from './resources/resource-type.ts';
import { isSameDeployment, type ResourceRevision, revise } from './revision.ts';
import { Stack, type StackState } from './stack.ts';
import { sameValue } from './values.ts';

export type { StackEvent } from './engine-context.ts';
export type { Intercept, Operation, ResourceFault } from './operations.ts';
export type { StackState } from './stack.ts';

/** The statuses in which an existing stack can be updated. */
const RESTING = ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'];

/**
 * CloudFormation, strict unless it is made lenient: it rejects, by name, everything that it would not do exactly
 * as AWS does. It has no change sets, stack policies or drift detection, and it always rolls back.
 */
export class CloudFormation {
  readonly events: readonly StackEvent[];
  /** For fault tests: called before every operation on a resource. */
  intercept?: Intercept;
  private readonly stacks = new Map<string, Stack>();
  private readonly context: EngineContext;
  private readonly onLocation: ((location: Location) => void) | undefined;

  constructor(options: {
    aws: Aws;
    onEvent?: (event: StackEvent) => void;
    clock?: Clock;
    intercept?: Intercept;
    /**
     * Whether a custom resource fails as soon as its function does. CloudFormation itself learns nothing of
     * that, and waits for an answer until the resource's timeout. @default false
     */
    failsFast?: boolean;
    /** Makes it lenient. @default strict */
    leniency?: Leniency;
    /** Called in lenient mode before a stack is created in a location. */
    onLocation?: (location: Location) => void;
  }) {
    const { aws, clock = systemClock, intercept, onEvent, failsFast, leniency } = options;
    this.onLocation = options.onLocation;
    const events: StackEvent[] = [];
    this.events = events;
    this.intercept = intercept;
    this.context = {
      aws,
      clock,
      intercept: (operation) => this.intercept?.(operation),
      invocations: new AsyncInvocations({
        lambda: aws.lambda,
        clock,
        eventInvokeConfigs: aws.eventInvokeConfigs,
        failsFast,
      }),
      emit(event) {
        events.push(event);
        onEvent?.(event);
      },
      leniency,
      nestedStacks: {
        deploy: (nested) => this.deployNested(nested),
        destroy: (name) => this.destroy(name),
        describe: (nameOrId) => this.describe(nameOrId),
      },
      outputOf: (stackName, output) => this.stacks.get(stackName)?.outputs[output],
      findExport: (name, stack) => this.findExport(name, stack),
      importersOf: (name, stack) =>
        [...this.stacks.values()]
          .filter((other) => other !== stack && other.imports.has(name))
          .map((other) => other.name),
    };
  }

  /**
   * Creates or updates a stack. Resolves when the operation has ended, successfully or not: read
   * `status` and `reason`.
   *
   * @throws ValidationError when the request is rejected before anything is changed
   */
  async deploy(artifact: StackArtifact): Promise<StackState> {
    const existing = this.stacks.get(artifact.name);
    if (!existing) return this.create(artifact);
    if (!RESTING.includes(existing.status)) {
      throw new ValidationError(
        `Stack:${existing.id} is in ${existing.status} state and can not be updated.`,
      );
    }
    if (artifact.location && !sameValue({ ...existing.location }, { ...artifact.location })) {
      const places = [existing.location, artifact.location].map((one) =>
        Object.values(one).join('/'),
      );
      throw new UnsupportedError(
        `Two stacks are named ${artifact.name}, in ${places.join(' and ')}: the sandbox needs different names`,
      );
    }
    return this.update(existing, artifact);
  }

  /**
   * Deletes a stack; one that does not exist counts as deleted. After `DELETE_FAILED`, call it again to
   * delete the remaining resources.
   *
   * @throws ValidationError when another operation is in progress, or another stack uses its exports
   */
  async destroy(name: string): Promise<StackState> {
    const { context } = this;
    const stack = this.stacks.get(name);
    if (!stack) return gone(name);
    if (stack.status.endsWith('_IN_PROGRESS')) {
      throw new ValidationError(
        `Stack [${name}] cannot be deleted while in status ${stack.status}`,
      );
    }
    for (const { name: exportName } of stack.exports) {
      const [user] = context.importersOf(exportName, stack);
      if (user === undefined) continue;
      throw new ValidationError(
        `Delete canceled. Cannot delete export ${exportName} as it is in use by ${user}.`,
      );
    }
    reportStack(context, stack, 'DELETE_IN_PROGRESS', 'User Initiated');
    const remaining = await deleteInstances(
      context,
      stack,
      [...stack.instances.values(), ...stack.leftovers],
      { retains: ({ resource }) => resource.definition.DeletionPolicy !== 'Delete' },
    );
    stack.keepOnly(remaining);
    if (remaining.length === 0) {
      reportStack(context, stack, 'DELETE_COMPLETE');
      this.stacks.delete(name);
      return stack.state();
    }
    stack.reason = deletionFailure(remaining);
    reportStack(context, stack, 'DELETE_FAILED', stack.reason);
    return stack.state();
  }

  /**
   * Retries a failed rollback, as `cdk rollback` does.
   *
   * @throws ValidationError when there is no failed rollback
   */
  async continueRollback(name: string): Promise<StackState> {
    const stack = this.stacks.get(name);
    if (!stack?.rollback) {
      const status = stack?.status ?? 'no';
      throw new ValidationError(
        `Stack [${name}] is in ${status} state and can not be rolled back.`,
      );
    }
    await continueRollback(this.context, stack, stack.rollback);
    return stack.state();
  }

  /** Returns the state of the stack with this name or id. */
  describe(nameOrId: string): StackState | undefined {
    const stack = [...this.stacks.values()].find(({ name, id }) => [name, id].includes(nameOrId));
    return stack?.state();
  }

  /** Returns the stacks in an account and a region. */
  list({ account, region }: Location): StackState[] {
    return [...this.stacks.values()]
      .filter(({ location }) => location.account === account && location.region === region)
      .map((stack) => stack.state());
  }

  /** Returns what a stack was last created or updated from. */
  artifactOf(stackId: string): StackArtifact | undefined {
    return [...this.stacks.values()].find(({ id }) => id === stackId)?.revision?.artifact;
  }

  /**
   * Stops sending events, so that operations in progress fail soon, and waits for the functions that are
   * still running.
   */
  close(): Promise<void> {
    return this.context.invocations.close();
  }

  private async create(artifact: StackArtifact): Promise<StackState> {
    const { aws, leniency } = this.context;
    const stack = new Stack(artifact.name, (leniency && artifact.location) ?? locationOf(aws));
    if (leniency) {
      this.onLocation?.(stack.location);
      if (artifact.terminationProtection) {
        leniency.note(`${artifact.name}: termination protection has no effect here`);
      }
    }
    const revision = revise(artifact, stack, this.context);
    this.publish(artifact, stack);
    this.stacks.set(stack.name, stack);
    await createStack(this.context, stack, revision);
    return stack.state();
  }

  private async update(stack: Stack, artifact: StackArtifact): Promise<StackState> {
    const revision = revise(artifact, stack, this.context);
    const current = stack.revision as ResourceRevision;
    if (isSameDeployment(current.artifact, artifact)) {
      return { ...stack.state(), reason: 'No updates are to be performed.' };
    }
    rejectOtherTypes(current, revision);
    this.publish(artifact, stack);
    await updateStack(this.context, stack, revision);
    return stack.state();
  }

  /** Publishes the assets, as the CDK CLI does before a deploy. */
  private publish({ assets = new Map() }: StackArtifact, { location }: Stack): void {
    for (const [key, path] of assets) this.context.aws.assets.publish(location, key, path);
  }

  private deployNested({ parentId, ...nested }: NestedStack): Promise<StackState> {
    const parent = [...this.stacks.values()].find(({ id }) => id === parentId) as Stack;
    const { artifact } = parent.revision as ResourceRevision;
    const terminationProtection = false;
    return this.deploy({
      ...artifact,
      ...nested,
      location: parent.location,
      terminationProtection,
    });
  }

  private findExport(name: string, { location }: Stack) {
    for (const stack of this.stacks.values()) {
      if (!sameValue({ ...stack.location }, { ...location })) continue;
      const found = stack.exports.find((candidate) => candidate.name === name);
      if (found) return { ...found, stackName: stack.name };
    }
    return undefined;
  }
}

function rejectOtherTypes(current: ResourceRevision, wanted: ResourceRevision): void {
  const changed = [...wanted.resources.values()].filter(({ logicalId, definition }) => {
    const before = current.resources.get(logicalId);
    return before && before.definition.Type !== definition.Type;
  });
  if (changed.length === 0) return;
  const ids = changed.map(({ logicalId }) => logicalId).join(', ');
  throw new ValidationError(
    `Update of resource type is not permitted. The new template modifies resource type of the following resources: [${ids}]`,
  );
}

function locationOf({ account, region }: Location): Location {
  return { account, region };
}

function gone(name: string): StackState {
  const nothing = { outputs: {}, resources: new Map() };
  return { stackId: '', name, status: 'DELETE_COMPLETE', updatedAt: 0, ...nothing };
}
