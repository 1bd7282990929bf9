import type { Location } from '../aws/account.ts';

/** What the made-up ids of a resource follow from. */
export interface ResourceIdentity {
  readonly type: string;
  readonly logicalId: string;
  readonly stackName: string;
  readonly location: Location;
}

/** Returns the last word of a type: `Topic` of `AWS::SNS::Topic`. */
export function displayType(type: string): string {
  return type.split('::').at(-1) ?? type;
}
