import { isObject, type Value, type ValueObject } from './values.ts';

/** What lenient mode keeps of each section; it drops everything else. */
const SECTIONS = ['Parameters', 'Mappings', 'Conditions', 'Rules', 'Resources', 'Outputs'];
const OF_RESOURCE = ['Type', 'Properties', 'DependsOn', 'Condition', 'Metadata'];
const OF_PARAMETER = ['Type', 'Default'];
const OF_OUTPUT = ['Value', 'Condition', 'Export'];
const POLICIES = ['Delete', 'Retain', 'RetainExceptOnCreate'];

/** Reduces a template to what a strict reader accepts. A resource that would leave a snapshot is deleted. */
export function tolerated(json: unknown): unknown {
  if (!isObject(json)) return json;
  const sections = pick(json, SECTIONS);
  return {
    ...sections,
    Resources: each(sections.Resources ?? {}, resource),
    ...(sections.Parameters && { Parameters: each(sections.Parameters, keeping(OF_PARAMETER)) }),
    ...(sections.Outputs && { Outputs: each(sections.Outputs, keeping(OF_OUTPUT)) }),
  };
}

function resource(definition: ValueObject): ValueObject {
  const { DeletionPolicy = 'Delete', UpdateReplacePolicy = 'Delete' } = definition;
  const replaced = UpdateReplacePolicy === 'Retain' ? 'Retain' : 'Delete';
  return {
    ...pick(definition, OF_RESOURCE),
    DeletionPolicy: POLICIES.includes(String(DeletionPolicy)) ? DeletionPolicy : 'Delete',
    UpdateReplacePolicy: replaced,
  };
}

function each(section: Value, change: (item: ValueObject) => ValueObject): Value {
  if (!isObject(section)) return section;
  return Object.fromEntries(
    Object.entries(section).map(([key, item]) => [key, isObject(item) ? change(item) : item]),
  );
}

function keeping(keys: readonly string[]): (item: ValueObject) => ValueObject {
  return (item) => pick(item, keys);
}

function pick(object: ValueObject, keys: readonly string[]): ValueObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => keys.includes(key)));
}
