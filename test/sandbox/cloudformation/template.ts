import type { Mode } from '../leniency.ts';
import { ValidationError } from './errors.ts';
import { tolerated } from './tolerated.ts';
import { isObject, type Value, type ValueObject } from './values.ts';

export type DeletionPolicy = 'Delete' | 'Retain' | 'RetainExceptOnCreate';
export type UpdateReplacePolicy = 'Delete' | 'Retain';

/** Returns the `aws:cdk:path` of a resource's construct, which the CDK writes into the template. */
export function pathOf({ Metadata }: ResourceDefinition): string | undefined {
  const path = Metadata['aws:cdk:path'];
  return typeof path === 'string' ? path : undefined;
}

export interface ResourceDefinition {
  readonly Type: string;
  readonly Properties: ValueObject;
  readonly DependsOn: readonly string[];
  readonly Condition?: string;
  readonly DeletionPolicy: DeletionPolicy;
  readonly UpdateReplacePolicy: UpdateReplacePolicy;
  readonly Metadata: ValueObject;
}

/** Returns the path of a resource's construct in its stack, as in the app's code, or its logical id. */
export function displayName(definition: ResourceDefinition, logicalId: string): string {
  const inStack = pathOf(definition)?.split('/').slice(1).join('/') || logicalId;
  return inStack.replace(/(\/(Resource|Default))+$/, '');
}

export interface ParameterDefinition {
  readonly Type: string;
  readonly Default?: Value;
}

export interface OutputDefinition {
  readonly Value: Value;
  readonly Condition?: string;
  readonly Export?: { readonly Name: Value };
}

export interface RuleDefinition {
  readonly RuleCondition?: Value;
  readonly Assertions: readonly { readonly Assert: Value; readonly AssertDescription?: string }[];
}

/** A template that holds only the sections and attributes that the sandbox acts on. */
export interface Template {
  readonly Parameters: Readonly<Record<string, ParameterDefinition>>;
  readonly Mappings: Readonly<Record<string, Record<string, Record<string, Value>>>>;
  readonly Conditions: Readonly<Record<string, Value>>;
  readonly Rules: Readonly<Record<string, RuleDefinition>>;
  readonly Resources: Readonly<Record<string, ResourceDefinition>>;
  readonly Outputs: Readonly<Record<string, OutputDefinition>>;
}

/**
 * Reads a template from JSON, and rejects what it does not know instead of ignoring it.
 *
 * @param mode `lenient` ignores it: hooks, update policies, constraints of parameters
 */
export function parseTemplate(json: unknown, mode: Mode = 'strict'): Template {
  return parse(mode === 'lenient' ? tolerated(json) : json);
}

function parse(json: unknown): Template {
  const sections = fields(json, 'the template', {
    required: ['Resources'],
    optional: ['Parameters', 'Mappings', 'Conditions', 'Rules', 'Outputs'],
    ignored: ['AWSTemplateFormatVersion', 'Description', 'Metadata'],
  });
  rejectNulls(json as Value, 'the template');
  return {
    Parameters: entries(sections.Parameters, 'Parameters', parameter),
    Mappings: entries(sections.Mappings, 'Mappings', mapping),
    Conditions: entries(sections.Conditions, 'Conditions', (condition) => condition),
    Rules: entries(sections.Rules, 'Rules', rule),
    Resources: entries(sections.Resources, 'Resources', resource),
    Outputs: entries(sections.Outputs, 'Outputs', output),
  };
}

function resource(json: Value, at: string): ResourceDefinition {
  const { Type, DependsOn, Condition, ...rest } = fields(json, at, {
    required: ['Type'],
    optional: [
      'Properties',
      'DependsOn',
      'Condition',
      'DeletionPolicy',
      'UpdateReplacePolicy',
      'Metadata',
    ],
  });
  return {
    Type: text(Type, `${at}.Type`),
    Properties: isObject(rest.Properties) ? rest.Properties : {},
    DependsOn: DependsOn === undefined ? [] : [DependsOn].flat().map((id) => text(id, at)),
    Condition: Condition === undefined ? undefined : text(Condition, `${at}.Condition`),
    DeletionPolicy: oneOf(rest.DeletionPolicy, `${at}.DeletionPolicy`, [
      'Delete',
      'Retain',
      'RetainExceptOnCreate',
    ]),
    UpdateReplacePolicy: oneOf(rest.UpdateReplacePolicy, `${at}.UpdateReplacePolicy`, [
      'Delete',
      'Retain',
    ]),
    Metadata: isObject(rest.Metadata) ? rest.Metadata : {},
  };
}

function parameter(json: Value, at: string): ParameterDefinition {
  const { Type, Default } = fields(json, at, {
    required: ['Type'],
    optional: ['Default'],
    ignored: ['Description', 'NoEcho', 'ConstraintDescription'],
  });
  return { Type: text(Type, `${at}.Type`), Default };
}

function mapping(json: Value, at: string): Record<string, Record<string, Value>> {
  return entries(json, at, (second, within) => entries(second, within, (value) => value));
}

function rule(json: Value, at: string): RuleDefinition {
  const { RuleCondition, Assertions } = fields(json, at, {
    required: ['Assertions'],
    optional: ['RuleCondition'],
  });
  if (!Array.isArray(Assertions)) throw new ValidationError(`${at}.Assertions must be a list`);
  return {
    RuleCondition,
    Assertions: Assertions.map((item, index) => {
      const { Assert, AssertDescription } = fields(item, `${at}.Assertions.${index}`, {
        required: ['Assert'],
        optional: ['AssertDescription'],
      });
      return { Assert: Assert as Value, AssertDescription: AssertDescription as string };
    }),
  };
}

function output(json: Value, at: string): OutputDefinition {
  const { Value, Condition, Export } = fields(json, at, {
    required: ['Value'],
    optional: ['Condition', 'Export'],
    ignored: ['Description'],
  });
  return {
    Value: Value as Value,
    Condition: Condition === undefined ? undefined : text(Condition, `${at}.Condition`),
    Export:
      Export === undefined
        ? undefined
        : (fields(Export, `${at}.Export`, { required: ['Name'] }) as { Name: Value }),
  };
}

function fields(
  json: unknown,
  at: string,
  keys: { required?: readonly string[]; optional?: readonly string[]; ignored?: readonly string[] },
): { [key: string]: Value | undefined } {
  if (!isObject(json)) throw new ValidationError(`${at} must be an object`);
  const { required = [], optional = [], ignored = [] } = keys;
  const known = [...required, ...optional, ...ignored];
  for (const key of Object.keys(json)) {
    if (!known.includes(key))
      throw new ValidationError(`${at}: ${key} is not supported by the sandbox`);
  }
  for (const key of required) {
    if (!(key in json)) throw new ValidationError(`${at} needs ${key}`);
  }
  return json;
}

function entries<T>(
  json: unknown,
  at: string,
  read: (value: Value, at: string) => T,
): Record<string, T> {
  if (json === undefined) return {};
  if (!isObject(json)) throw new ValidationError(`${at} must be an object`);
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [key, read(value, `${at}.${key}`)]),
  );
}

function text(value: unknown, at: string): string {
  if (typeof value !== 'string') throw new ValidationError(`${at} must be a string`);
  return value;
}

/** Returns the value if it is allowed; the first allowed value is the default. */
function oneOf<T extends string>(value: unknown, at: string, allowed: readonly [T, ...T[]]): T {
  if (value === undefined) return allowed[0];
  const found = allowed.find((candidate) => candidate === value);
  if (!found) {
    throw new ValidationError(`${at} must be ${allowed.join(', ')}, got ${JSON.stringify(value)}`);
  }
  return found;
}

function rejectNulls(value: Value, at: string): void {
  if (value === null) {
    throw new ValidationError(`${at}: 'null' values are not allowed in templates`);
  }
  if (typeof value !== 'object') return;
  for (const [key, item] of Object.entries(value)) rejectNulls(item, `${at}.${key}`);
}
