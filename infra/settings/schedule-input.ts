import type { Stack } from 'aws-cdk-lib';
import type { WatchEvent } from '../../functions/contract.ts';

/**
 * How many bytes a schedule may send.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets.html
 */
const MAX_BYTES = 256 * 1024;

/**
 * Validates that the checks of a stack's bots fit into the input of a schedule. What CloudFormation resolves counts as long as
 * the reference to it, which is about right. Returns errors for the CDK, which fails the synth with them.
 */
export function validateScheduleInput(stack: Stack, checks: readonly WatchEvent[]): string[] {
  const sized = checks.map((check) => ({
    bot: check.Bot,
    bytes: Buffer.byteLength(JSON.stringify(stack.resolve(check))),
  }));
  const sum = sized.reduce((total, { bytes }) => total + bytes, 0);
  if (sum <= MAX_BYTES) return [];
  const [largest] = sized.toSorted((one, other) => other.bytes - one.bytes);
  return [
    `The watch of the ${checks.length} bots in ${stack.stackName} would send about ${sum} bytes, and a schedule may send ` +
      `${MAX_BYTES}. Most, ${largest?.bytes}, are about ${largest?.bot}: its profile and its certificate are part of them. ` +
      'Move some of the bots to another stack.',
  ];
}
