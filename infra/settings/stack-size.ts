import { CfnResource, Stack } from 'aws-cdk-lib';
import { CfnApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IConstruct } from 'constructs';

/**
 * How many resources a template may have. The CDK checks it too, but its message knows nothing of bots.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
const MAX_RESOURCES = 500;

/**
 * Validates that a stack with these bots does not exceed what CloudFormation allows. Returns errors for the CDK, which fails
 * the synth with them.
 */
export function validateStackSize(stack: Stack, bots: readonly IConstruct[]): string[] {
  const total = resourcesIn(stack, stack);
  if (total <= MAX_RESOURCES) return [];
  const each = Math.round(
    bots.reduce((sum, bot) => sum + resourcesIn(bot, stack), 0) / bots.length,
  );
  const toMove = Math.min(Math.ceil((total - MAX_RESOURCES) / each), bots.length);
  const hasOwnApi = bots.some(({ node }) =>
    node.findAll().some((child) => child instanceof CfnApi),
  );
  return [
    `${stack.stackName} would have ${total} resources, and CloudFormation allows ${MAX_RESOURCES}. Its ${bots.length} bots ` +
      `have about ${each} each: move ${toMove} of them to another stack.` +
      (hasOwnApi
        ? ' A bot has fewer if it shares an API with others, with endpoint: Endpoint.httpApi({ api }).'
        : ''),
  ];
}

/** Counts the resources of a template that are in a construct. */
function resourcesIn(scope: IConstruct, stack: Stack): number {
  return scope.node
    .findAll()
    .filter((node) => CfnResource.isCfnResource(node) && Stack.of(node) === stack).length;
}
