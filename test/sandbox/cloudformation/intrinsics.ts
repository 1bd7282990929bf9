import type { Mode } from '../leniency.ts';
import { ValidationError } from './errors.ts';
import { isObject, type Value } from './values.ts';

/** Look-ups that a template's functions make in the stack that they are resolved for. */
export interface Scope {
  ref(name: string): Value;
  getAtt(logicalId: string, attribute: string): Value;
  importValue(name: string): Value;
  condition(name: string): boolean;
  mapping(map: string, first: string, second: string): Value;
  /** Look-ups that only lenient mode has. */
  readonly lenient?: LenientScope;
}

export interface LenientScope {
  /** Returns an output of another stack. */
  stackOutput(stackName: string, output: string): Value;
  /** Resolves `{{resolve:<service>:<reference>}}`. */
  dynamicReference(service: string, reference: string): string;
}

/** `AWS::NoValue`: the key or list item that holds it is omitted. */
const NoValue: unique symbol = Symbol('AWS::NoValue');
type Resolved = Value | typeof NoValue;

type Resolver = (argument: Value, scope: Scope, at: string) => Resolved;

/** Replaces every function in a value with its result. */
export function resolve(value: Value, scope: Scope, at: string): Value {
  const resolved = evaluate(value, scope, at);
  if (resolved === NoValue) throw new ValidationError(`${at}: AWS::NoValue has no value here`);
  return resolved;
}

/** Returns the function's name and argument if the value is a function call. */
export function functionCall(value: Value, at: string): [string, Value] | undefined {
  if (!isObject(value)) return undefined;
  const keys = Object.keys(value);
  const name = keys.find((key) => key === 'Ref' || key.startsWith('Fn::'));
  if (name === undefined) return undefined;
  if (keys.length > 1)
    throw new ValidationError(`${at}: ${name} must be the only key of its object`);
  return [name, value[name] as Value];
}

/**
 * Collects what a value refers to, which has to exist before the value can be resolved: logical ids,
 * parameters and pseudo parameters, each with the attributes that are read from it.
 *
 * @throws ValidationError for functions and references that the sandbox does not support
 */
export function references(
  value: Value,
  at: string,
  mode: Mode = 'strict',
): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const add = (name: string, attribute?: string): void => {
    const attributes = found.get(name) ?? new Set();
    if (attribute) attributes.add(attribute);
    found.set(name, attributes);
  };
  const visit = (node: Value): void => {
    if (typeof node === 'string' && mode === 'strict') rejectDynamicReference(node, at);
    if (typeof node !== 'object' || node === null) return;
    const [name, argument = null] = functionCall(node, at) ?? [];
    if (name !== undefined) resolverOf(name, at, mode);
    if (name === 'Ref') add(String(argument));
    if (name === 'Fn::GetAtt') add(...attributePath(argument, at));
    if (name === 'Fn::Sub') for (const path of subReferences(argument, at)) add(...path);
    for (const child of Object.values(node)) visit(child);
  };
  visit(value);
  return found;
}

/** Returns the logical id and the attribute of an `Fn::GetAtt`, in either of its notations. */
export function attributePath(argument: Value, at: string): [string, string] {
  const [logicalId, attribute] =
    typeof argument === 'string' ? splitAtDot(argument) : list(argument, at, 'Fn::GetAtt', 2);
  if (typeof logicalId !== 'string' || typeof attribute !== 'string') {
    throw new ValidationError(`${at}: Fn::GetAtt needs a resource and an attribute`);
  }
  return [logicalId, attribute];
}

function evaluate(value: Value, scope: Scope, at: string): Resolved {
  if (Array.isArray(value)) {
    const items = value.map((item, index) => evaluate(item, scope, `${at}.${index}`));
    return items.filter((item) => item !== NoValue);
  }
  if (typeof value === 'string') return dynamic(value, scope);
  if (!isObject(value)) return value;

  const call = functionCall(value, at);
  if (call) {
    const [name, argument] = call;
    return resolverOf(name, at, scope.lenient ? 'lenient' : 'strict')(argument, scope, at);
  }
  const resolved: { [key: string]: Value } = {};
  for (const [key, item] of Object.entries(value)) {
    const result = evaluate(item, scope, `${at}.${key}`);
    if (result !== NoValue) resolved[key] = result;
  }
  return resolved;
}

const resolvers: Record<string, Resolver> = {
  Ref(argument, scope, at) {
    const name = text(argument, at, 'Ref');
    return name === 'AWS::NoValue' ? NoValue : scope.ref(name);
  },

  'Fn::GetAtt'(argument, scope, at) {
    return scope.getAtt(...attributePath(argument, at));
  },

  'Fn::Join'(argument, scope, at) {
    const [separator, items] = list(argument, at, 'Fn::Join', 2);
    const parts = list(resolve(items as Value, scope, at), at, 'Fn::Join');
    const joined = parts.map((part) => scalar(part, at, 'Fn::Join'));
    return dynamic(joined.join(text(separator, at, 'Fn::Join')), scope);
  },

  'Fn::Sub'(argument, scope, at) {
    const [pattern, variables] = subArguments(argument, at);
    const filled = pattern.replace(placeholder, (whole: string, literal: string, name: string) => {
      if (literal !== undefined) return `\${${literal}}`;
      const value =
        name in variables
          ? resolve(variables[name] as Value, scope, at)
          : name.includes('.')
            ? scope.getAtt(...splitAtDot(name))
            : scope.ref(name);
      return scalar(value, at, `Fn::Sub ${whole}`);
    });
    return dynamic(filled, scope);
  },

  'Fn::Select'(argument, scope, at) {
    const [index, items] = list(argument, at, 'Fn::Select', 2);
    const choices = list(resolve(items as Value, scope, at), at, 'Fn::Select');
    const chosen = choices[Number(resolve(index as Value, scope, at))];
    if (chosen === undefined) {
      throw new ValidationError(
        `${at}: Fn::Select cannot select nonexistent value at index ${index}`,
      );
    }
    return chosen;
  },

  'Fn::Split'(argument, scope, at) {
    const [separator, source] = list(argument, at, 'Fn::Split', 2);
    const whole = text(resolve(source as Value, scope, at), at, 'Fn::Split');
    return whole.split(text(separator, at, 'Fn::Split'));
  },

  'Fn::FindInMap'(argument, scope, at) {
    const [map, first, second] = list(argument, at, 'Fn::FindInMap', 3).map((key) =>
      text(resolve(key, scope, at), at, 'Fn::FindInMap'),
    );
    return scope.mapping(map as string, first as string, second as string);
  },

  'Fn::If'(argument, scope, at) {
    const [condition, then, otherwise] = list(argument, at, 'Fn::If', 3);
    const branch = scope.condition(text(condition, at, 'Fn::If')) ? then : otherwise;
    return evaluate(branch as Value, scope, at);
  },

  'Fn::ImportValue'(argument, scope, at) {
    return scope.importValue(text(resolve(argument, scope, at), at, 'Fn::ImportValue'));
  },
};

/** The functions that only lenient mode resolves. */
const lenientResolvers: Record<string, Resolver> = {
  'Fn::GetStackOutput'(argument, scope, at) {
    const { StackName, OutputName } = resolve(argument, scope, at) as { [key: string]: Value };
    const output = scope.lenient?.stackOutput(String(StackName), String(OutputName));
    if (output !== undefined) return output;
    throw new ValidationError(`${at}: the stack ${StackName} has no output ${OutputName}`);
  },

  'Fn::GetAZs'(argument, scope, at) {
    const region = resolve(argument, scope, at) || scope.ref('AWS::Region');
    return ['a', 'b', 'c'].map((zone) => `${region}${zone}`);
  },

  'Fn::Cidr'(argument, scope, at) {
    const [, count] = list(argument, at, 'Fn::Cidr');
    const blocks = Number(resolve(count as Value, scope, at));
    return Array.from({ length: blocks }, (_, index) => `10.0.${index}.0/24`);
  },

  'Fn::Base64'(argument, scope, at) {
    return Buffer.from(text(resolve(argument, scope, at), at, 'Fn::Base64')).toString('base64');
  },

  'Fn::Length'(argument, scope, at) {
    return list(resolve(argument, scope, at), at, 'Fn::Length').length;
  },

  'Fn::ToJsonString'(argument, scope, at) {
    return JSON.stringify(resolve(argument, scope, at));
  },
};

function resolverOf(name: string, at: string, mode: Mode): Resolver {
  const resolver = resolvers[name] ?? (mode === 'lenient' ? lenientResolvers[name] : undefined);
  if (!resolver) throw new ValidationError(`${at}: ${name} is not supported by the sandbox`);
  return resolver;
}

function rejectDynamicReference(text: string, at: string): void {
  if (!text.includes('{{resolve:')) return;
  throw new ValidationError(`${at}: dynamic reference ${text} is not supported by the sandbox`);
}

function dynamic(text: string, { lenient }: Scope): string {
  if (!lenient) return text;
  return text.replaceAll(/\{\{resolve:([^:}]+):([^}]+)\}\}/g, (_, service, reference) =>
    lenient.dynamicReference(service, reference),
  );
}

/** `${!Literal}` or `${Name}`. */
const placeholder = /\$\{(?:!([^}]*)|([^}]*))\}/g;

function subArguments(argument: Value, at: string): [string, { [key: string]: Value }] {
  if (typeof argument === 'string') return [argument, {}];
  const [pattern, variables] = list(argument, at, 'Fn::Sub', 2);
  if (!isObject(variables)) throw new ValidationError(`${at}: Fn::Sub needs a map of variables`);
  return [text(pattern, at, 'Fn::Sub'), variables];
}

function* subReferences(argument: Value, at: string): Generator<[string, string]> {
  const [pattern, variables] = subArguments(argument, at);
  for (const [, literal, name] of pattern.matchAll(placeholder)) {
    if (literal !== undefined || name === undefined || name in variables) continue;
    yield splitAtDot(name);
  }
}

function splitAtDot(path: string): [string, string] {
  const dot = path.indexOf('.');
  return dot < 0 ? [path, ''] : [path.slice(0, dot), path.slice(dot + 1)];
}

function text(value: Value | undefined, at: string, name: string): string {
  if (typeof value === 'string') return value;
  throw new ValidationError(`${at}: ${name} needs a string, got ${JSON.stringify(value)}`);
}

function scalar(value: Value, at: string, name: string): string {
  if (typeof value !== 'object') return String(value);
  throw new ValidationError(`${at}: ${name} needs strings, got ${JSON.stringify(value)}`);
}

function list(value: Value, at: string, name: string, length?: number): Value[] {
  if (Array.isArray(value) && (length === undefined || value.length === length)) return value;
  const wanted = length === undefined ? 'a list' : `a list of ${length}`;
  throw new ValidationError(`${at}: ${name} needs ${wanted}, got ${JSON.stringify(value)}`);
}
