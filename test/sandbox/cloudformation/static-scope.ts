import type { Location } from '../aws/account.ts';
import type { StackArtifact } from './assembly.ts';
import { holds } from './conditions.ts';
import type { EngineContext } from './engine-context.ts';
import { unresolved, ValidationError } from './errors.ts';
import type { LenientScope, Scope } from './intrinsics.ts';
import type { Stack } from './stack.ts';
import type { Value } from './values.ts';

/** SSM parameters of the account, which counts as bootstrapped. */
const systemParameters: Record<string, string> = { '/cdk-bootstrap/hnb659fds/version': '30' };

/** Returns a scope that resolves what needs no resource: parameters, mappings and conditions. */
export function staticScope(
  artifact: StackArtifact,
  { pseudoParameters, location }: Pick<Stack, 'pseudoParameters' | 'location'>,
  context: Pick<EngineContext, 'aws' | 'leniency' | 'outputOf'>,
): Scope {
  const { template } = artifact;
  const values = new Map<string, Value>(Object.entries(pseudoParameters));
  for (const name of Object.keys(template.Parameters)) {
    values.set(name, parameterValue(name, artifact, { location, ...context }));
  }
  const scope: Scope = {
    ...(context.leniency && { lenient: lenientScope(location, context) }),
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

type Sources = { location: Location } & Pick<EngineContext, 'aws' | 'leniency'>;

function parameterValue(name: string, artifact: StackArtifact, sources: Sources): Value {
  const { Type, Default } = artifact.template.Parameters[name] ?? { Type: 'String' };
  const given = artifact.parameters?.[name] ?? Default;
  if (given === undefined) {
    throw new ValidationError(`Parameters: [${name}] must have values`);
  }
  if (Type === 'String' || Type === 'Number') return String(given);
  const stored = /^AWS::SSM::Parameter::Value<(.*)>$/.exec(Type)?.[1];
  if (!sources.leniency && stored !== 'String') {
    throw new ValidationError(`Parameters.${name}: type ${Type} is not supported by the sandbox`);
  }
  const value = stored ? storedParameter(String(given), sources) : given;
  const isList = /^(CommaDelimitedList|List<)/.test(stored ?? Type);
  return isList && typeof value === 'string' ? value.split(',') : value;
}

function storedParameter(name: string, { aws, location, leniency }: Sources): string {
  const value = systemParameters[name] ?? (leniency && aws.parameters.get(name, location));
  if (value !== undefined) return value;
  if (leniency) return madeUp(`The SSM parameter ${name}`, name, leniency);
  throw new ValidationError(
    `Unable to fetch parameters [${name}] from parameter store for this account.`,
  );
}

function lenientScope(
  location: Location,
  context: Pick<EngineContext, 'aws' | 'leniency' | 'outputOf'>,
): LenientScope {
  const { aws, leniency } = context;
  return {
    stackOutput(stackName, output) {
      const value = context.outputOf(stackName, output);
      if (value !== undefined) return value;
      throw new ValidationError(`The stack ${stackName} has no output ${output}`);
    },
    dynamicReference(service, reference) {
      if (service !== 'secretsmanager') {
        const name = reference.replace(/:\d+$/, '');
        return storedParameter(name, { aws, location, leniency });
      }
      const [id = '', rest = ''] = reference.split(':SecretString:');
      const value = aws.secrets.valueOf(id, location);
      if (value === undefined) return madeUp(`The secret ${id}`, id, leniency);
      const [key] = rest.split(':');
      return key ? String(JSON.parse(value)[key]) : value;
    },
  };
}

/** Makes up a value in the CDK's own form for values that it does not know. */
function madeUp(what: string, name: string, leniency: EngineContext['leniency']): string {
  const value = `dummy-value-for-${name}`;
  leniency?.note(`${what} has no value here: the template reads ${value}`);
  return value;
}
