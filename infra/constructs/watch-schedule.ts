import { Lazy, Stack } from 'aws-cdk-lib';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { WatchEvent, WatchRound } from '../../functions/contract.ts';
import { validateScheduleInput } from '../settings/schedule-input.ts';
import type { Watch } from '../settings/watch.ts';
import { Registrar } from './registrar.ts';
import type { WebhookRegistration } from './webhook-registration.ts';

/** The schedule of a stack that has the registrar check all bots with the same interval. */
export class WatchSchedule extends Construct {
  /**
   * Returns the schedule for a watch, and creates it for the stack's first bot with its interval.
   *
   * @throws Error when another construct of the stack has its id
   */
  static getOrCreate(scope: Construct, watch: Watch): WatchSchedule {
    const stack = Stack.of(scope);
    const id = watch.isOn ? `WebhookWatch${watch.interval.toMinutes()}Minutes` : 'WebhookWatchOff';
    const existing = stack.node.tryFindChild(id);
    if (existing instanceof WatchSchedule) return existing;
    if (!existing) return new WatchSchedule(stack, id, watch);
    throw new Error(
      `${existing.node.path} has the id that the kit reserves for the schedule of its watch: rename it`,
    );
  }

  readonly schedule: CfnSchedule;
  private readonly checks: WatchEvent[] = [];

  private constructor(stack: Stack, id: string, { interval, isOn }: Watch) {
    super(stack, id);
    const registrar = Registrar.getOrCreate(this);
    const invoker = registrar.scheduleInvoker();
    const minutes = interval.toMinutes();
    this.schedule = new CfnSchedule(this, 'Schedule', {
      description: `Checks the webhooks of the Telegram bots in ${stack.stackName}`,
      scheduleExpression: `rate(${minutes} minute${minutes === 1 ? '' : 's'})`,
      state: isOn ? 'ENABLED' : 'DISABLED',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: registrar.function.functionArn,
        roleArn: invoker.roleArn,
        input: Lazy.string({ produce: () => stack.toJsonString(this.round) }),
        // A late check holds settings of the past, and the next one is not far.
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      },
    });
    this.schedule.node.addDependency(invoker);
    this.node.addValidation({ validate: () => validateScheduleInput(stack, this.checks) });
  }

  /** Adds a bot, which is checked once it is registered. */
  add(check: WatchEvent, registration: WebhookRegistration): void {
    this.checks.push(check);
    this.schedule.node.addDependency(registration);
  }

  private get round(): WatchRound {
    return {
      RequestType: 'WatchRound',
      ScheduledTime: '<aws.scheduler.scheduled-time>',
      Checks: this.checks,
    };
  }
}
