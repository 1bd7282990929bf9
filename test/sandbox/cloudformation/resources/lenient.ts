import type { Location } from '../../aws/account.ts';
import { ServiceError } from '../../aws/service-error.ts';
import type { Leniency } from '../../leniency.ts';
import { UnknownProperty, UnsupportedError, ValidationError } from '../errors.ts';
import { placeholderAttribute, placeholderId } from '../placeholders.ts';
import { isObject, type Value, type ValueObject } from '../values.ts';
import {
  attributeOf,
  type Context,
  type EmulatedResourceType,
  type Physical,
} from './resource-type.ts';

/** Properties without effect that are not worth a note: nobody can tell the difference in a test. */
const SILENT = [
  'Tags',
  'Description',
  'KmsKeyId',
  'KmsMasterKeyId',
  'DataProtectionPolicy',
  'LogGroupClass',
  'RuntimeManagementConfig',
  'SystemLogLevel',
  'PointInTimeRecoverySpecification',
  'SSESpecification',
  'MaxSessionDuration',
  'Path',
  'SourceAccount',
];

/** What else to say about a property of one resource. */
const EFFECTS: Readonly<Record<string, string>> = {
  Layers: 'its layers are not loaded here',
  VpcConfig: 'it runs outside its VPC here',
};

const NEEDS_MADE_UP = 'it needs something that exists in name only';

/** Settings that are missing because the sandbox emulates only one kind of a type. */
const REASONS: Readonly<Record<string, string>> = {
  'AWS::Events::Rule EventPattern is required': 'rules with a schedule do not run here',
  'AWS::SQS::Queue FifoQueue is required': 'only FIFO queues are emulated here',
  'AWS::Lambda::Function Code.S3Bucket is required':
    'only functions whose code is a folder of the app run here',
};

/** What to say once, because an app sets the property for many resources at a time. */
const EVERYWHERE: Readonly<Record<string, string>> = {
  PermissionsBoundary: 'Permissions boundaries have no effect here',
};

/**
 * A resource in lenient mode: emulated as in strict mode as far as possible, and otherwise in name only. Properties
 * that the emulation does not know are left out. Each difference is noted once, by the construct's path.
 */
export class LenientResource implements EmulatedResourceType {
  private readonly type: string;
  private readonly name: string;
  private readonly emulated: EmulatedResourceType | undefined;
  private readonly leniency: Leniency;
  /** Why the resource exists in name only. */
  private inertness: string | undefined;

  /** @param emulated is undefined for a type that the sandbox does not know */
  constructor(
    resource: { type: string; name: string },
    emulated: EmulatedResourceType | undefined,
    leniency: Leniency,
  ) {
    this.type = resource.type;
    this.name = resource.name;
    this.emulated = emulated;
    this.leniency = leniency;
    if (!emulated) this.inertness = `${this.type} is not emulated here`;
  }

  check(properties: ValueObject, at: string): void {
    const ignored: string[] = [];
    try {
      const wanted = this.known(properties, at, ignored);
      this.emulated?.check(wanted, at);
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      this.inertness = this.limit(error.message.replace(`${at}.`, ''));
    }
    if (!this.emulated) this.leniency.rememberInName(this.type, this.name);
    else if (this.inertness !== undefined) this.note(this.inertness);
    else this.noteIgnored(ignored);
  }

  hasAttribute(): boolean {
    return true;
  }

  attribute(physical: Physical, name: string, location: Location): Value {
    const { physicalId, attributes } = physical;
    const isMadeUp = physical.isInert || !this.type.startsWith('Custom::');
    if (name in attributes || !isMadeUp || name.startsWith('Outputs.')) {
      return attributeOf(physical, name);
    }
    return placeholderAttribute(this.type, name, { physicalId, location });
  }

  isReplacedBy(changed: readonly string[]): boolean {
    return this.inertness === undefined && (this.emulated?.isReplacedBy(changed) ?? false);
  }

  async create(properties: ValueObject, context: Context): Promise<Physical> {
    if (this.inertness === undefined && this.namesMadeUp(properties.ServiceToken)) {
      this.inertness = this.limit(NEEDS_MADE_UP);
      this.note(this.inertness);
    }
    if (!this.emulated || this.inertness !== undefined) return this.inert(properties, context);
    try {
      return await this.emulated.create(this.known(properties, atOf(context)), context);
    } catch (error) {
      const reason = isLimit(error) ? (error as Error).message : NEEDS_MADE_UP;
      if (!isLimit(error) && !(isMissing(error) && this.namesMadeUp(properties))) throw error;
      this.inertness = this.limit(reason);
      this.note(this.inertness);
      return this.inert(properties, context);
    }
  }

  async update(
    physical: Physical,
    properties: ValueObject,
    previous: ValueObject,
    context: Context,
  ): Promise<Physical> {
    const isInert = this.inertness !== undefined;
    if (!this.emulated || isInert !== (physical.isInert ?? false)) {
      return isInert && physical.isInert ? physical : this.create(properties, context);
    }
    if (isInert) return physical;
    const at = atOf(context);
    const known = [this.known(properties, at), this.known(previous, at)] as const;
    return this.emulated.update(physical, ...known, context);
  }

  async delete(physical: Physical, properties: ValueObject, context: Context): Promise<void> {
    if (physical.isInert) return;
    await this.emulated?.delete(physical, this.known(properties, atOf(context)), context);
  }

  /** Returns the properties without those that the emulation does not know, whose names go to `ignored`. */
  private known(properties: ValueObject, at: string, ignored: string[] = []): ValueObject {
    const kept = structuredClone(properties);
    const seen = new Set<string>();
    for (;;) {
      try {
        this.emulated?.check(kept, at);
        return kept;
      } catch (error) {
        if (!(error instanceof UnknownProperty)) return kept;
        if (seen.has(error.message)) return kept;
        seen.add(error.message);
        ignored.push(error.key);
        remove(kept, error.at.slice(at.length).split('.').filter(Boolean), error.key);
      }
    }
  }

  private namesMadeUp(value: Value | undefined): boolean {
    return value !== undefined && this.leniency.namesMadeUp(JSON.stringify(value));
  }

  private noteIgnored(ignored: readonly string[]): void {
    const noted = [...new Set(ignored)].filter((key) => !SILENT.includes(key));
    for (const key of noted) if (EFFECTS[key]) this.note(EFFECTS[key]);
    for (const key of noted) if (EVERYWHERE[key]) this.leniency.note(EVERYWHERE[key]);
    const others = noted.filter((key) => !EFFECTS[key] && !EVERYWHERE[key]);
    if (others.length === 0) return;
    this.note(`${others.join(' and ')} ${others.length === 1 ? 'has' : 'have'} no effect here`);
  }

  private inert(properties: ValueObject, context: Context): Physical {
    const physicalId = placeholderId(context, properties);
    this.leniency.rememberMadeUp(physicalId);
    return { physicalId, attributes: {}, isInert: true };
  }

  private limit(reason: string): string {
    const plain = REASONS[`${this.type} ${reason}`];
    if (plain) return `${plain}; this ${this.type} exists in name only`;
    return `this ${this.type} is not emulated here, it exists in name only: ${reason}`;
  }

  private note(text: string): void {
    this.leniency.note(`${this.name}: ${text}`);
  }
}

function atOf({ logicalId, type }: Context): string {
  return `${logicalId} (${type})`;
}

/** Returns whether a service does not find what a resource refers to. */
function isMissing(error: unknown): boolean {
  return error instanceof ServiceError && /NotFound|NoSuch|DoesNotExist/.test(error.code);
}

/** Returns whether only the sandbox refuses, by its own limits. */
function isLimit(error: unknown): boolean {
  if (error instanceof UnsupportedError) return true;
  return error instanceof ServiceError && error.message.startsWith('The sandbox');
}

/** Removes a key from the object at a path, and from both branches of an `Fn::If` on the way. */
function remove(value: Value, path: readonly string[], key: string): void {
  const branches = isObject(value) && Array.isArray(value['Fn::If']) ? value['Fn::If'] : [];
  for (const branch of branches) remove(branch, path, key);
  const [first, ...rest] = path;
  if (first === undefined) {
    if (isObject(value)) delete value[key];
    return;
  }
  const next = Array.isArray(value) ? value[Number(first)] : isObject(value) ? value[first] : null;
  if (next !== null && next !== undefined) remove(next, rest, key);
}
