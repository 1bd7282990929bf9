import { ResourceFailure, UnsupportedError } from '../errors.ts';
import { physicalName } from '../names.ts';
import type { StackState } from '../stack.ts';
import type { Value } from '../values.ts';
import { type Context, type Physical, resourceType } from './resource-type.ts';
import { json, optional, text } from './shape.ts';

/** `AWS::CloudFormation::Stack`: a stack whose template is an asset of the app. */
export const nestedStack = resourceType({
  properties: {
    TemplateURL: text,
    Parameters: optional(json<Record<string, Value>>()),
    NotificationARNs: optional(json()),
    TimeoutInMinutes: optional(text),
    Tags: optional(json()),
  },
  replacedBy: [],
  async create({ TemplateURL, Parameters = {} }, context) {
    const name = physicalName(context.stackName, context.logicalId, 128);
    return deploy({ name, url: TemplateURL, parameters: Parameters }, context);
  },
  async update({ physicalId }, { properties: { TemplateURL, Parameters = {} } }, context) {
    const name = String(context.nestedStacks.describe(physicalId)?.name);
    return deploy({ name, url: TemplateURL, parameters: Parameters }, context);
  },
  async delete({ physicalId }, _, { nestedStacks }) {
    const name = nestedStacks.describe(physicalId)?.name;
    if (name === undefined) return;
    const { status, reason = '' } = await nestedStacks.destroy(name);
    if (status !== 'DELETE_COMPLETE') throw new ResourceFailure(reason);
  },
});

async function deploy(
  stack: { name: string; url: string; parameters: Record<string, Value> },
  { nestedStacks, nestedTemplate, stackId }: Context,
): Promise<Physical> {
  const key = stack.url.slice(stack.url.lastIndexOf('/') + 1);
  if (!stack.url.startsWith('https:')) throw new UnsupportedError(`TemplateURL ${stack.url}`);
  const state = await nestedStacks.deploy({
    name: stack.name,
    template: nestedTemplate(key),
    parameters: stack.parameters,
    parentId: stackId,
  });
  if (!/^(CREATE|UPDATE)_COMPLETE$/.test(state.status)) throw failure(state);
  const outputs = Object.entries(state.outputs).map(([name, value]) => [`Outputs.${name}`, value]);
  return { physicalId: state.stackId, attributes: Object.fromEntries(outputs) };
}

function failure({ stackId, reason }: StackState): ResourceFailure {
  const message = `Embedded stack ${stackId} was not successfully deployed: ${reason}`;
  return new ResourceFailure(message, stackId);
}
