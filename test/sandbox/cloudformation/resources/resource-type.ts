import type { Aws } from '../../aws/aws.ts';
import { ServiceError } from '../../aws/service-error.ts';
import type { Clock } from '../../clock.ts';
import type { AsyncInvocations } from '../async-invocations.ts';
import { ValidationError } from '../errors.ts';
import { physicalName } from '../names.ts';
import type { Value, ValueObject } from '../values.ts';
import { type ObjectOf, object, type Shape } from './shape.ts';

/** What stands behind a logical id. `Ref` yields the physical id, of every type in the sandbox. */
export interface Physical {
  readonly physicalId: string;
  readonly attributes: ValueObject;
  /** The custom resource asked that its attributes be masked. */
  readonly noEcho?: boolean;
  /** Where a custom resource's attributes came from, as CloudFormation names it in errors. */
  readonly origin?: string;
}

/** What one create, update or delete has at hand. */
export interface Context {
  readonly aws: Aws;
  readonly clock: Clock;
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
}

export interface EmulatedResourceType {
  /** Refuses properties, as the template has them, that the type does not know or misses. */
  check(properties: ValueObject, at: string): void;
  hasAttribute(name: string): boolean;
  /** Whether a change of these properties takes a new physical resource. */
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
  /** Every property the sandbox acts on, or that has no effect anybody could see in it. */
  readonly properties: F;
  readonly replacedBy: readonly (keyof F & string)[];
  readonly attributes?: readonly string[];
  create(properties: ObjectOf<F>, context: Context): Physical | Promise<Physical>;
  /** Left out where every property means replacement, or where no other has an effect. */
  update?(physical: Physical, change: Change<ObjectOf<F>>, context: Context): void | Promise<void>;
  delete(physical: Physical, properties: ObjectOf<F>, context: Context): void | Promise<void>;
}

export interface Change<P> {
  readonly properties: P;
  readonly previous: P;
}

/** A resource type by its specification. */
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
      await specification.update?.(physical, change, context);
      return physical;
    },
    async delete(physical, properties, context) {
      try {
        await specification.delete(physical, read(properties, context), context);
      } catch (error) {
        // Somebody was faster: what is gone is deleted.
        if (!(error instanceof ServiceError && /NotFound|NoSuch/.test(error.code))) throw error;
      }
    },
  };
}

/** The name the template gives, or one of CloudFormation's. */
export function nameOf(given: string | undefined, context: Context, limit: number): string {
  return given ?? physicalName(context.stackName, context.logicalId, limit);
}

/** The attribute's value; of a type that knows its attributes it always has one. */
export function attributeOf(physical: Physical, name: string): Value {
  const value = physical.attributes[name];
  if (value !== undefined) return value;
  throw new ValidationError(
    `CustomResource attribute error: Vendor response doesn't contain ${name} attribute in object ${physical.origin}`,
  );
}
