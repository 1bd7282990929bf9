import type { Location } from '../../aws/account.ts';
import type { Aws } from '../../aws/aws.ts';
import type { AsyncInvocations } from '../../aws/lambda/async-invocations.ts';
import { ServiceError } from '../../aws/service-error.ts';
import type { Clock } from '../../clock.ts';
import { ValidationError } from '../errors.ts';
import { physicalName } from '../names.ts';
import type { StackState } from '../stack.ts';
import type { Template } from '../template.ts';
import type { Value, ValueObject } from '../values.ts';
import { type ObjectOf, object, type Shape } from './shape.ts';

/** The resource behind a logical id. `Ref` returns the physical id, for every type in the sandbox. */
export interface Physical {
  readonly physicalId: string;
  readonly attributes: ValueObject;
  /** Whether the custom resource asked for its attributes to be masked. */
  readonly noEcho?: boolean;
  /** Whether the resource exists in name only, in lenient mode. */
  readonly isInert?: boolean;
  /** The source of a custom resource's attributes, as CloudFormation names it in errors. */
  readonly origin?: string;
}

/** The services and facts that one create, update or delete can use. */
export interface Context {
  readonly aws: Aws;
  readonly clock: Clock;
  /** Creates, updates and deletes nested stacks. */
  readonly nestedStacks: NestedStacks;
  /** Where the stack is deployed. */
  readonly location: Location;
  readonly stackName: string;
  readonly stackId: string;
  readonly logicalId: string;
  readonly type: string;
  /** `aws:cdk:path` of the construct. */
  readonly path?: string;
  readonly invocations: AsyncInvocations;
  /** Aborted when another resource's failure cancels this one. */
  readonly signal: AbortSignal;
  /** How often a custom resource's event is delivered. */
  readonly deliveries: number;
  assetDirectory(hash: string): string;
  /** Returns the template of a nested stack by the key of its asset. */
  nestedTemplate(key: string): Template;
}

/** CloudFormation as nested stacks use it. */
export interface NestedStacks {
  deploy(stack: NestedStack): Promise<StackState>;
  destroy(name: string): Promise<StackState>;
  describe(nameOrId: string): StackState | undefined;
}

export interface NestedStack {
  readonly name: string;
  readonly template: Template;
  readonly parameters: Readonly<Record<string, Value>>;
  /** The stack that it belongs to, whose assets and location it has. */
  readonly parentId: string;
}

export interface EmulatedResourceType {
  /** Rejects unknown, missing and invalid properties, whose functions are not resolved yet. */
  check(properties: ValueObject, at: string): void;
  hasAttribute(name: string): boolean;
  /** Returns an attribute, if it may be one that the resource itself does not have. */
  attribute?(physical: Physical, name: string, location: Location): Value;
  /** Returns whether a change of these properties requires a new physical resource. */
  isReplacedBy(changed: readonly string[]): boolean;
  create(properties: ValueObject, context: Context): Promise<Physical>;
  update(
    physical: Physical,
    properties: ValueObject,
    previous: ValueObject,
    context: Context,
  ): Promise<Physical>;
  delete(physical: Physical, properties: ValueObject, context: Context): Promise<void>;
}

interface Specification<F extends Record<string, Shape<unknown>>> {
  /** Every property that the sandbox acts on, or that has no visible effect in it. */
  readonly properties: F;
  /** The properties whose change requires a new physical resource. */
  readonly replacedBy: readonly (keyof F & string)[];
  /** The names that `Fn::GetAtt` accepts. @default none */
  readonly attributes?: readonly string[];
  create(properties: ObjectOf<F>, context: Context): Physical | Promise<Physical>;
  /** Omitted if every property requires a replacement, or if no other property has an effect. */
  update?(
    physical: Physical,
    change: Change<ObjectOf<F>>,
    context: Context,
  ): undefined | Physical | Promise<Physical> | void | Promise<void>;
  delete(physical: Physical, properties: ObjectOf<F>, context: Context): void | Promise<void>;
}

export interface Change<P> {
  readonly properties: P;
  readonly previous: P;
}

/** Builds a resource type from its specification. */
export function resourceType<F extends Record<string, Shape<unknown>>>(
  specification: Specification<F>,
): EmulatedResourceType {
  const shape = object(specification.properties);
  const replacedBy: readonly string[] = specification.replacedBy;
  const read = (properties: ValueObject, { logicalId, type }: Context) =>
    shape.read(properties, `${logicalId} (${type})`);
  return {
    check: (properties, at) => void shape.read(properties, at, true),
    hasAttribute: (name) => specification.attributes?.includes(name) ?? false,
    isReplacedBy: (changed) => changed.some((name) => replacedBy.includes(name)),
    create: async (properties, context) => specification.create(read(properties, context), context),
    async update(physical, properties, previous, context) {
      const change = { properties: read(properties, context), previous: read(previous, context) };
      return (await specification.update?.(physical, change, context)) ?? physical;
    },
    async delete(physical, properties, context) {
      try {
        await specification.delete(physical, read(properties, context), context);
      } catch (error) {
        // Deleted outside the stack: that counts as success.
        if (!(error instanceof ServiceError && /NotFound|NoSuch/.test(error.code))) throw error;
      }
    },
  };
}

/** Returns the name that the template gives, or generates one. */
export function nameOf(given: string | undefined, context: Context, limit: number): string {
  return given ?? physicalName(context.stackName, context.logicalId, limit);
}

/** Returns an attribute's value, which can be missing only from a custom resource. */
export function attributeOf(physical: Physical, name: string): Value {
  const value = physical.attributes[name];
  if (value !== undefined) return value;
  throw new ValidationError(
    `CustomResource attribute error: Vendor response doesn't contain ${name} attribute in object ${physical.origin}`,
  );
}
