import { randomId } from '../aws/account.ts';

const SUFFIX_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** The random end of a name: made anew, it keeps a replacement apart from what it replaces. */
export function nameSuffix(): string {
  return randomId(12, SUFFIX_CHARACTERS);
}

/**
 * A name as CloudFormation makes it up: `<stack>-<logical id>-<random>`. Where that is longer than
 * the type's names may be, the logical id keeps at most 24 characters and the stack gives the rest.
 */
export function physicalName(stackName: string, logicalId: string, limit: number): string {
  const suffix = nameSuffix();
  const whole = `${stackName}-${logicalId}-${suffix}`;
  if (whole.length <= limit) return whole;
  const id = logicalId.slice(0, 24);
  return `${stackName.slice(0, limit - id.length - suffix.length - 2)}-${id}-${suffix}`;
}
