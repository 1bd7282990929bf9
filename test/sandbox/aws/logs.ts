import { arnOf, HOME, type Location } from './account.ts';
import { ServiceError } from './service-error.ts';

/** The retention periods that CloudWatch Logs accepts, in days. */
const RETENTION = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

/** CloudWatch Logs without streams and timestamps: groups of lines, in the order they were written. */
export class Logs {
  /** ARNs. */
  private readonly groups = new Set<string>();
  private readonly written: { group: string; line: string }[] = [];

  createGroup(
    name: string,
    options: { retentionInDays?: number; location?: Location },
  ): { arn: string } {
    const arn = groupArn(name, options.location);
    if (this.groups.has(arn)) {
      const message = 'The specified log group already exists';
      throw new ServiceError('ResourceAlreadyExistsException', message);
    }
    const days = options.retentionInDays;
    if (days !== undefined && !RETENTION.includes(days)) {
      throw new ServiceError(
        'InvalidParameterException',
        `RetentionInDays must be one of ${RETENTION.join(', ')}, got ${days}`,
      );
    }
    this.groups.add(arn);
    return { arn };
  }

  deleteGroup(name: string, location = HOME): void {
    if (!this.groups.delete(groupArn(name, location))) throw missingGroup();
  }

  has(name: string, location = HOME): boolean {
    return this.groups.has(groupArn(name, location));
  }

  write(group: string, line: string, location = HOME): void {
    if (!this.has(group, location)) throw missingGroup();
    this.written.push({ group, line });
  }

  /**
   * Returns every line of the groups with this name, deleted ones included, or without a name the
   * lines of all groups that ever existed.
   */
  lines(group?: string): string[] {
    return this.written
      .filter((entry) => group === undefined || entry.group === group)
      .map((entry) => entry.line);
  }
}

/** Returns the ARN in the form of CloudFormation's `Arn` attribute, with `:*` for the streams. */
export function groupArn(name: string, location = HOME): string {
  return arnOf('logs', `log-group:${name}:*`, location);
}

export function streamArn(group: string, stream: string, location = HOME): string {
  return arnOf('logs', `log-group:${group}:log-stream:${stream}`, location);
}

export function groupOfArn(arn: string): string {
  const name = /^arn:aws:logs:[^:]+:\d+:log-group:([^:]+)(:\*)?$/.exec(arn)?.[1];
  if (!name) throw new Error(`${arn} is not the ARN of a log group`);
  return name;
}

function missingGroup(): ServiceError {
  return new ServiceError('ResourceNotFoundException', 'The specified log group does not exist.');
}
