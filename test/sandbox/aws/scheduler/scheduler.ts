import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { Network } from '../../network/network.ts';
import { arnOf, HOME, type Location, locationOf } from '../account.ts';
import type { Iam } from '../iam.ts';
import { type ApiOperation, jsonApi, perform } from '../json-api.ts';
import type { AsyncInvocations } from '../lambda/async-invocations.ts';
import { ServiceError } from '../service-error.ts';
import { parseExpression } from './expression.ts';

/** A schedule, under the names of the service's API. */
export interface ScheduleConfiguration {
  readonly Name: string;
  readonly Description?: string;
  readonly State?: 'ENABLED' | 'DISABLED';
  /** `rate(…)` or `at(…)`, in UTC. */
  readonly ScheduleExpression: string;
  readonly ScheduleExpressionTimezone?: 'UTC' | 'Etc/UTC';
  readonly FlexibleTimeWindow: { readonly Mode: 'OFF' };
  readonly Target: ScheduleTarget;
}

/** A Lambda function, which the Scheduler invokes as the role. */
export interface ScheduleTarget {
  readonly Arn: string;
  readonly RoleArn: string;
  /** JSON, in which `<aws.scheduler.…>` is replaced. @default '{}' */
  readonly Input?: string;
  readonly RetryPolicy?: {
    readonly MaximumRetryAttempts?: number;
    readonly MaximumEventAgeInSeconds?: number;
  };
}

interface Schedule {
  readonly arn: string;
  readonly configuration: ScheduleConfiguration;
  readonly createdAt: number;
  readonly modifiedAt: number;
  /** When a rate begins. */
  readonly startsAt: number;
  /** Aborted by an update or a delete. */
  readonly stopped: AbortController;
}

const PRINCIPAL = 'scheduler.amazonaws.com';
const GROUP = 'default';
const PATH = /^\/schedules(?:\/([^/?]+))?(?:\?(.*))?$/;

/** EventBridge Scheduler with the group `default`, for Lambda functions. It fires on the sandbox's clock. */
export class Scheduler {
  private readonly network: Pick<Network, 'serve'>;
  private readonly clock: Clock;
  private readonly iam: Iam;
  private readonly invocations: AsyncInvocations;
  /** By ARN. */
  private readonly schedules = new Map<string, Schedule>();

  constructor(services: {
    network: Pick<Network, 'serve'>;
    clock: Clock;
    iam: Iam;
    invocations: AsyncInvocations;
  }) {
    this.network = services.network;
    this.clock = services.clock;
    this.iam = services.iam;
    this.invocations = services.invocations;
  }

  create(configuration: ScheduleConfiguration, location = HOME): { arn: string } {
    const arn = scheduleArn(configuration.Name, location);
    if (this.schedules.has(arn)) {
      const message = `Schedule ${configuration.Name} already exists.`;
      throw new ServiceError('ConflictException', message, 409);
    }
    const now = this.clock.now();
    this.start({ arn, configuration, createdAt: now, startsAt: now });
    return { arn };
  }

  /** Replaces the configuration. A rate that stays the same keeps its rhythm. */
  update(configuration: ScheduleConfiguration, location = HOME): void {
    const before = this.find(configuration.Name, location);
    const isSame = before.configuration.ScheduleExpression === configuration.ScheduleExpression;
    const startsAt = isSame ? before.startsAt : this.clock.now();
    this.start({ ...before, configuration, startsAt }, () => before.stopped.abort('updated'));
  }

  delete(name: string, location = HOME): void {
    const { arn, stopped } = this.find(name, location);
    this.schedules.delete(arn);
    stopped.abort('deleted');
  }

  /** Fires every schedule once, as of a time to come, for tests that cannot wait for it. */
  async fireAhead(ms: number): Promise<void> {
    const due = this.clock.now() + ms;
    const fired = [...this.schedules.values()].map(({ arn, configuration, stopped }) =>
      this.fire(arn, configuration.Target, { due, signal: stopped.signal }),
    );
    await Promise.all(fired);
  }

  /** Stops all schedules. */
  close(): void {
    for (const { stopped } of this.schedules.values()) stopped.abort('closed');
  }

  /** Serves `GetSchedule` and `ListSchedules`. */
  serveIn(region: string): void {
    const { network, iam, operations } = this;
    const api = { network, iam, service: 'scheduler', region, operations, deniedStatus: 403 };
    const handle = jsonApi('application/json', async (request) => {
      const [, name, query] = PATH.exec(String(request.url)) ?? [];
      const input = Object.fromEntries(new URLSearchParams(query));
      const operation = name === undefined ? 'ListSchedules' : 'GetSchedule';
      if (request.method !== 'GET' || !PATH.test(String(request.url))) {
        const message = `The sandbox's Scheduler supports only GetSchedule and ListSchedules, got ${request.method} ${request.url}`;
        throw new ServiceError('UnknownOperationException', message, 404);
      }
      const named = name === undefined ? input : { ...input, Name: decodeURIComponent(name) };
      return { status: 200, body: await perform(api, operation, named, request) };
    });
    network.serve(`scheduler.${region}.amazonaws.com`, handle);
  }

  private readonly operations: Readonly<Record<string, ApiOperation>> = {
    GetSchedule: {
      parameters: ['Name', 'groupName'],
      resource: ({ input, location }) => scheduleArn(input.Name, location, input.groupName),
      run: ({ input, location }) => {
        const schedule = this.find(input.Name, location, input.groupName);
        return { ...summaryOf(schedule), ...settingsOf(schedule.configuration) };
      },
    },
    ListSchedules: {
      parameters: ['NamePrefix', 'ScheduleGroup', 'State'],
      resource: ({ location }) => scheduleArn('*', location, '*'),
      run: ({ input: { NamePrefix = '', ScheduleGroup = GROUP, State }, location }) => ({
        Schedules: [...this.schedules.values()]
          .filter(({ arn }) => arn.startsWith(scheduleArn(NamePrefix, location, ScheduleGroup)))
          .map(summaryOf)
          .filter((summary) => State === undefined || summary.State === State),
      }),
    },
  };

  private start(schedule: Omit<Schedule, 'modifiedAt' | 'stopped'>, replaces?: () => void): void {
    this.check(schedule.configuration, locationOf(schedule.arn));
    const stopped = new AbortController();
    const started = { ...schedule, modifiedAt: this.clock.now(), stopped };
    replaces?.();
    this.schedules.set(schedule.arn, started);
    if (schedule.configuration.State !== 'DISABLED') void this.run(started).catch(() => {});
  }

  /** Fires until the schedule is stopped. A rate without a start date fires at once, and then regularly. */
  private async run({
    arn,
    configuration,
    startsAt,
    modifiedAt,
    stopped,
  }: Schedule): Promise<void> {
    const expression = parseExpression(configuration.ScheduleExpression);
    const every = expression.kind === 'rate' ? expression.everyMs : Number.POSITIVE_INFINITY;
    let due = expression.kind === 'rate' ? startsAt : expression.time;
    while (due < modifiedAt) due += every;
    for (; due < Number.POSITIVE_INFINITY; due += every) {
      do {
        // A timer of Node's counts at most 24 days.
        const ms = Math.min(Math.max(0, due - this.clock.now()), 86_400_000);
        await this.clock.sleep(ms, stopped.signal);
      } while (due > this.clock.now());
      void this.fire(arn, configuration.Target, { due, signal: stopped.signal }).catch(() => {});
    }
  }

  /** Puts the event into Lambda's queue, and tries again only when that fails. */
  private async fire(
    arn: string,
    { Arn, RoleArn, Input = '{}', RetryPolicy = {} }: ScheduleTarget,
    { due, signal }: { due: number; signal: AbortSignal },
  ): Promise<void> {
    const { MaximumRetryAttempts = 185, MaximumEventAgeInSeconds = 86_400 } = RetryPolicy;
    const attributes = {
      'schedule-arn': arn,
      'scheduled-time': new Date(due).toISOString().replace(/\.\d+Z$/, 'Z'),
      'execution-id': randomUUID(),
    };
    for (let attempt = 1; ; attempt++) {
      if (this.iam.allows(RoleArn, 'lambda:InvokeFunction', Arn)) {
        const event = JSON.parse(
          fillIn(Input, { ...attributes, 'attempt-number': String(attempt) }),
        );
        return this.invocations.send(Arn, event);
      }
      const delay = 60_000 * attempt;
      const isTooOld = this.clock.now() + delay > due + MaximumEventAgeInSeconds * 1000;
      if (attempt > MaximumRetryAttempts || isTooOld) return;
      await this.clock.sleep(delay, signal);
    }
  }

  private find(name: string, location: Location, group?: string): Schedule {
    const schedule = this.schedules.get(scheduleArn(name, location, group));
    if (schedule) return schedule;
    throw new ServiceError('ResourceNotFoundException', `Schedule ${name} does not exist.`, 404);
  }

  private check(
    { Name, ScheduleExpression, Target }: ScheduleConfiguration,
    location: Location,
  ): void {
    demand(/^[\w.-]{1,64}$/.test(Name), `Invalid name ${Name}`);
    parseExpression(ScheduleExpression);
    const { Arn, RoleArn, Input, RetryPolicy = {} } = Target;
    demand(
      /^arn:aws:lambda:[^:]+:\d+:function:[\w:$-]+$/.test(Arn),
      `The sandbox's Scheduler supports only Lambda functions as targets, got ${Arn}`,
    );
    const context = {
      'aws:SourceAccount': location.account,
      'aws:SourceArn': arnOf('scheduler', `schedule-group/${GROUP}`, location),
    };
    demand(
      this.iam.trusts(RoleArn, PRINCIPAL, context),
      'The execution role you provide must allow AWS EventBridge Scheduler to assume the role.',
    );
    demand(
      Input === undefined || isJson(Input),
      'Invalid Input: it must be JSON for a Lambda function',
    );
    const { MaximumRetryAttempts = 0, MaximumEventAgeInSeconds = 60 } = RetryPolicy;
    demand(
      MaximumRetryAttempts >= 0 && MaximumRetryAttempts <= 185,
      `MaximumRetryAttempts must be 0 to 185, got ${MaximumRetryAttempts}`,
    );
    demand(
      MaximumEventAgeInSeconds >= 60 && MaximumEventAgeInSeconds <= 86_400,
      `MaximumEventAgeInSeconds must be 60 to 86400, got ${MaximumEventAgeInSeconds}`,
    );
  }
}

/** Replaces the context attributes, such as `<aws.scheduler.scheduled-time>`. */
export function fillIn(input: string, attributes: Readonly<Record<string, string>>): string {
  return input.replace(/<aws\.scheduler\.([a-z-]+)>/g, (all, name) => attributes[name] ?? all);
}

function summaryOf({ arn, configuration, createdAt, modifiedAt }: Schedule) {
  const { Name, State = 'ENABLED', Target } = configuration;
  return {
    Arn: arn,
    Name,
    GroupName: GROUP,
    State,
    CreationDate: createdAt / 1000,
    LastModificationDate: modifiedAt / 1000,
    Target: { Arn: Target.Arn },
  };
}

function settingsOf(configuration: ScheduleConfiguration): object {
  return {
    ActionAfterCompletion: 'NONE',
    Description: configuration.Description,
    FlexibleTimeWindow: configuration.FlexibleTimeWindow,
    ScheduleExpression: configuration.ScheduleExpression,
    ScheduleExpressionTimezone: configuration.ScheduleExpressionTimezone ?? 'UTC',
    Target: configuration.Target,
  };
}

function scheduleArn(name: string, location: Location, group = GROUP): string {
  return arnOf('scheduler', `schedule/${group}/${name}`, location);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function demand(isValid: boolean, message: string): asserts isValid {
  if (!isValid) throw new ServiceError('ValidationException', message);
}
