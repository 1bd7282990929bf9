import { Stack } from 'aws-cdk-lib';
import { CfnPolicy, type IRole } from 'aws-cdk-lib/aws-iam';

/**
 * How many characters all inline policies of a role may have together, without white space.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const MAX_CHARACTERS = 10_240;

/**
 * Validates that the inline policies of the registrar's role fit into IAM's quota: each bot with a queue, and each
 * profile photo, adds one. Returns errors for the CDK, which fails the synth with them.
 */
export function validateInlinePolicies(role: IRole): string[] {
  const stack = Stack.of(role);
  const reference = JSON.stringify(stack.resolve(role.roleName));
  const characters = stack.node
    .findAll()
    .filter((node): node is CfnPolicy => node instanceof CfnPolicy && Stack.of(node) === stack)
    .filter(({ roles }) => JSON.stringify(stack.resolve(roles))?.includes(reference))
    .map(({ policyDocument }) => lengthOf(stack.resolve(policyDocument)))
    .reduce((sum, length) => sum + length, 0);
  if (characters <= MAX_CHARACTERS) return [];
  return [
    `The inline policies of the registrar's role would have about ${characters} characters, and IAM allows ` +
      `${MAX_CHARACTERS}: move some of the stack's bots to another stack`,
  ];
}

/** The shortest values of pseudo parameters. */
const SHORTEST: Readonly<Record<string, number>> = {
  'AWS::AccountId': 12,
  'AWS::Partition': 'aws'.length,
  'AWS::Region': 'sa-east-1'.length,
  'AWS::URLSuffix': 'amazonaws.com'.length,
};

/** The shortest ARN in the policies: that of a secret whose name has one character. */
const SHORTEST_ARN = 'arn:aws:secretsmanager:sa-east-1:123456789012:secret:x-AbCdEf'.length;

/** Returns the length of a policy in JSON, which is not longer than the policy that CloudFormation creates. */
function lengthOf(document: unknown): number {
  return JSON.stringify(withoutReferences(document)).length;
}

/**
 * Replaces what CloudFormation resolves with text of the shortest possible length. A whole value is an ARN; a part of
 * one may be a parameter of any length.
 */
function withoutReferences(value: unknown, isPart = false): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutReferences(item));
  if (typeof value !== 'object' || value === null) return value;
  const [[name = '', argument] = []] = Object.entries(value);
  switch (name) {
    case 'Ref':
      return '.'.repeat(SHORTEST[String(argument)] ?? (isPart ? 1 : SHORTEST_ARN));
    case 'Fn::GetAtt':
      return '.'.repeat(SHORTEST_ARN);
    case 'Fn::Join': {
      const [separator, parts] = argument as [string, unknown];
      if (!Array.isArray(parts)) return '';
      return parts.map((part) => withoutReferences(part, true)).join(separator);
    }
  }
  if (name.startsWith('Fn::')) return '';
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, withoutReferences(child)]),
  );
}
