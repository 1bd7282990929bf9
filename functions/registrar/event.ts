import { DeploymentError } from './errors.ts';

/** A custom resource's event, as the CDK's provider framework passes it on. */
export type ResourceEvent = Create | Update | Delete;

interface AnyEvent {
  /** The same when an event is delivered again. */
  readonly RequestId: string;
  readonly ResourceType: string;
  readonly StackId: string;
  readonly LogicalResourceId: string;
  readonly ResourceProperties: Properties;
}

/** The part of an event that describes a resource. */
export type Described = Pick<AnyEvent, 'ResourceType' | 'StackId' | 'ResourceProperties'>;

export interface Create extends AnyEvent {
  readonly RequestType: 'Create';
}

export interface Update extends AnyEvent {
  readonly RequestType: 'Update';
  readonly PhysicalResourceId: string;
  readonly OldResourceProperties: Properties;
}

export interface Delete extends AnyEvent {
  readonly RequestType: 'Delete';
  readonly PhysicalResourceId: string;
}

export type Properties = Readonly<Record<string, unknown>>;

/** The result that the framework reports to CloudFormation. Only a thrown error fails the resource. */
export interface ResourceResponse {
  readonly PhysicalResourceId: string;
  readonly Data?: object;
  readonly NoEcho?: boolean;
}

/**
 * Reads properties that every template of the kit sets, as strings.
 *
 * @throws DeploymentError that names those that are missing
 */
export function requireStrings<N extends string>(
  { ResourceType, ResourceProperties }: Described,
  names: readonly N[],
): Readonly<Record<N, string>> {
  const missing = names.filter((name) => typeof ResourceProperties[name] !== 'string');
  if (missing.length > 0) throw incomplete(ResourceType, `${missing.join(', ')} as text`);
  return Object.fromEntries(names.map((name) => [name, ResourceProperties[name]])) as Record<
    N,
    string
  >;
}

/**
 * Reads a property that every template of the kit sets, as a list of strings.
 *
 * @throws DeploymentError when it is missing
 */
export function requireList(
  { ResourceType, ResourceProperties }: Described,
  name: string,
): readonly string[] {
  const value = ResourceProperties[name];
  if (!Array.isArray(value)) throw incomplete(ResourceType, `${name} as a list`);
  return value.map(String);
}

function incomplete(type: string, needs: string): DeploymentError {
  return new DeploymentError(
    `${type} needs ${needs}. Use the constructs of the kit, and deploy again.`,
  );
}
