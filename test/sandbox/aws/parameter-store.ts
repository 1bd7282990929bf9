import { arnOf, type Location } from './account.ts';

/** The values in Systems Manager's Parameter Store. Only CloudFormation reads them. */
export class ParameterStore {
  /** By ARN. An account counts as bootstrapped. */
  private readonly values = new Map<string, string>();

  put(name: string, value: string, location: Location): void {
    this.values.set(arn(name, location), value);
  }

  get(name: string, location: Location): string | undefined {
    return this.values.get(arn(name, location));
  }

  delete(name: string, location: Location): void {
    this.values.delete(arn(name, location));
  }
}

function arn(name: string, location: Location): string {
  return arnOf('ssm', `parameter/${name.replace(/^\//, '')}`, location);
}
