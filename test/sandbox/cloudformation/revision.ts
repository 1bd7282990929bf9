import type { StackArtifact } from './assembly.ts';
import { checkRules, holds } from './conditions.ts';
import { ValidationError } from './errors.ts';
import { topologicalOrder } from './graph.ts';
import { references, type Scope } from './intrinsics.ts';
import { resourceTypeOf } from './resources/index.ts';
import type { EmulatedResourceType } from './resources/resource-type.ts';
import type { ResourceDefinition, Template } from './template.ts';
import { sameValue, type Value } from './values.ts';

/** A template as it applies to one stack: checked, with parameters and conditions evaluated. */
export interface ResourceRevision {
  readonly artifact: StackArtifact;
  /** The resources whose condition holds, in the template's order. */
  readonly resources: ReadonlyMap<string, PlannedResource>;
  /** Resolves what needs no resource: parameters, pseudo parameters, mappings and conditions. */
  readonly scope: Scope;
}

export interface PlannedResource {
  readonly logicalId: string;
  readonly definition: ResourceDefinition;
  readonly type: EmulatedResourceType;
  /** Logical ids of resources that must exist first: those in `DependsOn` and those referred to. */
  readonly dependencies: readonly string[];
}

/** SSM parameters of the account, which counts as bootstrapped. */
const systemParameters: Record<string, string> = { '/cdk-bootstrap/hnb659fds/version': '30' };

/**
 * Checks a template as far as possible before anything is changed.
 *
 * @throws ValidationError for everything that CloudFormation would reject or the sandbox does not support
 */
export function revise(
  artifact: StackArtifact,
  pseudoParameters: Record<string, string>,
): ResourceRevision {
  const { template } = artifact;
  const scope = staticScope(template, pseudoParameters);
  checkRules(template.Rules, scope);

  const active = Object.entries(template.Resources).filter(
    ([, { Condition }]) => Condition === undefined || scope.condition(Condition),
  );
  const activeIds = new Set(active.map(([logicalId]) => logicalId));
  const resources = new Map(
    active.map(([logicalId, definition]) => {
      const type = resourceTypeOf(definition.Type, logicalId);
      type.check(definition.Properties, `${logicalId} (${definition.Type})`);
      const needed = checkReferences(logicalId, definition.Properties, template, pseudoParameters);
      for (const id of definition.DependsOn) {
        if (!(id in template.Resources)) throw unresolved(id);
        needed.add(id);
      }
      const dependencies = [...needed].filter((id) => activeIds.has(id));
      return [logicalId, { logicalId, definition, type, dependencies }];
    }),
  );
  for (const [name, { Value }] of Object.entries(template.Outputs)) {
    checkReferences(`Outputs.${name}`, Value, template, pseudoParameters);
  }
  topologicalOrder([...activeIds], (id) => resources.get(id)?.dependencies ?? []);
  return { artifact, resources, scope };
}

/** Returns whether a deployment would have nothing to do. */
export function isSameTemplate(left: Template, right: Template): boolean {
  return sameValue(left as unknown as Value, right as unknown as Value);
}

/** Returns the names a value refers to, having checked that they and their attributes exist. */
function checkReferences(
  at: string,
  value: Value,
  template: Template,
  pseudoParameters: Record<string, string>,
): Set<string> {
  const found = references(value, at);
  for (const [name, attributes] of found) {
    const definition = template.Resources[name];
    const isParameter = name in template.Parameters || name in pseudoParameters;
    if (!definition && !isParameter && name !== 'AWS::NoValue') throw unresolved(name);
    for (const attribute of attributes) {
      if (!definition) throw unresolved(name);
      if (!resourceTypeOf(definition.Type, name).hasAttribute(attribute)) {
        throw new ValidationError(
          `${at}: the sandbox has no attribute ${attribute} of ${name} (${definition.Type})`,
        );
      }
    }
  }
  return new Set(found.keys());
}

function staticScope(template: Template, pseudoParameters: Record<string, string>): Scope {
  const values = new Map<string, Value>(Object.entries(pseudoParameters));
  for (const name of Object.keys(template.Parameters)) {
    values.set(name, parameterValue(name, template));
  }
  const scope: Scope = {
    ref(name) {
      const value = values.get(name);
      if (value === undefined) throw unresolved(name);
      return value;
    },
    getAtt(logicalId) {
      throw unresolved(logicalId);
    },
    importValue() {
      throw new ValidationError('Fn::ImportValue is not allowed where no resource can be resolved');
    },
    condition(name) {
      const condition = template.Conditions[name];
      if (condition === undefined) {
        throw new ValidationError(`Template format error: Unresolved condition ${name}`);
      }
      return holds(condition, scope, `Conditions.${name}`);
    },
    mapping(map, first, second) {
      const value = template.Mappings[map]?.[first]?.[second];
      if (value === undefined) {
        throw new ValidationError(
          `Template error: Unable to get mapping for ${map}::${first}::${second}`,
        );
      }
      return value;
    },
  };
  return scope;
}

function parameterValue(name: string, template: Template): Value {
  const { Type, Default } = template.Parameters[name] ?? { Type: 'String' };
  if (Default === undefined) {
    throw new ValidationError(`Parameters: [${name}] must have values`);
  }
  switch (Type) {
    case 'String':
    case 'Number':
      return String(Default);
    case 'AWS::SSM::Parameter::Value<String>': {
      const value = systemParameters[String(Default)];
      if (value !== undefined) return value;
      throw new ValidationError(
        `Unable to fetch parameters [${Default}] from parameter store for this account.`,
      );
    }
    default:
      throw new ValidationError(`Parameters.${name}: type ${Type} is not supported by the sandbox`);
  }
}

function unresolved(name: string): ValidationError {
  return new ValidationError(
    `Template format error: Unresolved resource dependencies [${name}] in the Resources block of the template`,
  );
}
