import { type Clock, systemClock } from '../clock.ts';
import { arnOf, HOME, type Location } from './account.ts';
import { ServiceError } from './service-error.ts';

/** The retention periods that CloudWatch Logs accepts, in days. */
const RETENTION = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

export interface LogGroup {
  /** With `:*` for the streams. */
  readonly arn: string;
  readonly name: string;
  readonly retentionInDays?: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface LogEvent {
  readonly group: LogGroup;
  readonly stream: string;
  readonly line: string;
  /** Its place among all lines. */
  readonly id: number;
  /** When it was written, in milliseconds since the epoch. */
  readonly time: number;
}

/** CloudWatch Logs: groups of lines, in the order they were written. Nothing expires. */
export class Logs {
  /** Called for each line, with the location of its group. */
  onLine?: (line: string, location: Location) => void;
  private readonly clock: Clock;
  /** By ARN. */
  private readonly groups = new Map<string, LogGroup>();
  private readonly written: LogEvent[] = [];

  constructor(clock: Clock = systemClock) {
    this.clock = clock;
  }

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
    this.groups.set(arn, { arn, name, retentionInDays: days, createdAt: this.clock.now() });
    return { arn };
  }

  deleteGroup(name: string, location = HOME): void {
    if (!this.groups.delete(groupArn(name, location))) throw missingGroup();
  }

  has(name: string, location = HOME): boolean {
    return this.groups.has(groupArn(name, location));
  }

  write(name: string, line: string, location = HOME, stream = 'default'): void {
    const group = this.groups.get(groupArn(name, location));
    if (!group) throw missingGroup();
    const id = this.written.length;
    this.written.push({ group, stream, line, id, time: this.clock.now() });
    this.onLine?.(line, location);
  }

  /**
   * Returns every line of the groups with this name, deleted ones included, or without a name the
   * lines of all groups that ever existed.
   */
  lines(name?: string): string[] {
    return this.written
      .filter(({ group }) => name === undefined || group.name === name)
      .map((entry) => entry.line);
  }

  /** Returns the lines of one group, without those of an earlier group of that name. */
  events(name: string, location = HOME): LogEvent[] {
    const group = this.groups.get(groupArn(name, location));
    if (!group) throw missingGroup();
    return this.written.filter((event) => event.group === group);
  }

  /** Returns the groups of a location, by name. */
  list(location: Location): LogGroup[] {
    return [...this.groups.values()]
      .filter(({ arn, name }) => arn === groupArn(name, location))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
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
