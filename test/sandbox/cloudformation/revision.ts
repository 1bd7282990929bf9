import type { StackArtifact } from './assembly.ts';
import { checkRules } from './conditions.ts';
import type { EngineContext } from './engine-context.ts';
import { unresolved, ValidationError } from './errors.ts';
import { topologicalOrder } from './graph.ts';
import { references, type Scope } from './intrinsics.ts';
import { lenientTypeOf, resourceTypeOf } from './resources/index.ts';
import type { EmulatedResourceType } from './resources/resource-type.ts';
import type { Stack } from './stack.ts';
import { staticScope } from './static-scope.ts';
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

/**
 * Checks a template as far as possible before anything is changed.
 *
 * @throws ValidationError for everything that CloudFormation would reject or the sandbox does not support
 */
export function revise(
  artifact: StackArtifact,
  stack: Pick<Stack, 'pseudoParameters' | 'location'>,
  context: Pick<EngineContext, 'aws' | 'leniency' | 'outputOf'>,
): ResourceRevision {
  const { template } = artifact;
  const { leniency } = context;
  const scope = staticScope(artifact, stack, context);
  const types = new Map(
    Object.entries(template.Resources).map(([logicalId, definition]) => [
      logicalId,
      leniency
        ? lenientTypeOf(definition, logicalId, leniency)
        : resourceTypeOf(definition, logicalId),
    ]),
  );
  const check = (at: string, value: Value) =>
    checkReferences(at, value, { template, types, scope, ...stack });
  checkRules(template.Rules, scope);

  const active = Object.entries(template.Resources).filter(
    ([, { Condition }]) => Condition === undefined || scope.condition(Condition),
  );
  const activeIds = new Set(active.map(([logicalId]) => logicalId));
  const resources = new Map(
    active.map(([logicalId, definition]) => {
      const type = types.get(logicalId) as EmulatedResourceType;
      type.check(definition.Properties, `${logicalId} (${definition.Type})`);
      const needed = check(logicalId, definition.Properties);
      for (const id of definition.DependsOn) {
        if (!(id in template.Resources)) throw unresolved(id);
        needed.add(id);
      }
      const dependencies = [...needed].filter((id) => activeIds.has(id));
      return [logicalId, { logicalId, definition, type, dependencies }];
    }),
  );
  leniency?.noteInName();
  for (const [name, { Value }] of Object.entries(template.Outputs)) {
    check(`Outputs.${name}`, Value);
  }
  topologicalOrder([...activeIds], (id) => resources.get(id)?.dependencies ?? []);
  return { artifact, resources, scope };
}

/** Returns whether a deployment would have nothing to do. */
export function isSameDeployment(left: StackArtifact, right: StackArtifact): boolean {
  const content = ({ template, parameters = {} }: StackArtifact) =>
    ({ template, parameters }) as unknown as Value;
  return sameValue(content(left), content(right));
}

/** Returns the names a value refers to, having checked that they and their attributes exist. */
function checkReferences(
  at: string,
  value: Value,
  known: {
    template: Template;
    types: ReadonlyMap<string, EmulatedResourceType>;
    scope: Scope;
    pseudoParameters: Record<string, string>;
  },
): Set<string> {
  const { template, types, scope, pseudoParameters } = known;
  const found = references(value, at, scope.lenient ? 'lenient' : 'strict');
  for (const [name, attributes] of found) {
    const definition = template.Resources[name];
    const isParameter = name in template.Parameters || name in pseudoParameters;
    if (!definition && !isParameter && name !== 'AWS::NoValue') throw unresolved(name);
    for (const attribute of attributes) {
      if (!definition) throw unresolved(name);
      if (!types.get(name)?.hasAttribute(attribute)) {
        throw new ValidationError(
          `${at}: the sandbox has no attribute ${attribute} of ${name} (${definition.Type})`,
        );
      }
    }
  }
  return new Set(found.keys());
}
