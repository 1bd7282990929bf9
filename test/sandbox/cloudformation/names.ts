import { randomId } from '../aws/account.ts';

const SUFFIX_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Returns a random suffix for a name, so that a replacement's name differs from the replaced one's. */
export function nameSuffix(): string {
  return randomId(12, SUFFIX_CHARACTERS);
}

/**
 * Returns a name as CloudFormation generates it: `<stack>-<logical id>-<random>`. If that is longer than
 * the type allows, the logical id keeps at most 24 characters and the stack's name is cut to fit.
 */
export function physicalName(stackName: string, logicalId: string, limit: number): string {
  const suffix = nameSuffix();
  const whole = `${stackName}-${logicalId}-${suffix}`;
  if (whole.length <= limit) return whole;
  const id = logicalId.slice(0, 24);
  return `${stackName.slice(0, limit - id.length - suffix.length - 2)}-${id}-${suffix}`;
}
