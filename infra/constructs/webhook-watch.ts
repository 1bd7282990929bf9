import { Stack } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { WatchEvent, WebhookProperties } from '../../functions/contract.ts';
import { isDefaultSet } from '../settings/update-types.ts';
import type { Watch } from '../settings/watch.ts';
import type { BotIdentity } from './bot-identity.ts';
import type { BotProfile } from './bot-profile.ts';
import { Registrar } from './registrar.ts';
import type { WebhookRegistration } from './webhook-registration.ts';

export interface WebhookWatchProps {
  readonly watch: Watch;
  readonly identity: BotIdentity;
  readonly registration: WebhookRegistration;
  /** Undefined for a bot without one. */
  readonly profile?: BotProfile;
  /** The registration's own. */
  readonly properties: WebhookProperties;
  /** Path of the bot, for people. */
  readonly bot: string;
}

/**
 * Checks the webhook between deploys, and repairs it. A schedule sends the registrar the registration's own properties:
 * no second function, and no state.
 */
export class WebhookWatch extends Construct {
  readonly schedule: CfnSchedule;

  constructor(scope: Construct, id: string, props: WebhookWatchProps) {
    super(scope, id);
    const { watch, registration } = props;
    const registrar = Registrar.getOrCreate(this);
    const invoker = registrar.scheduleInvoker();
    const minutes = watch.interval.toMinutes();
    this.schedule = new CfnSchedule(this, 'Schedule', {
      description: `Checks the webhook of ${props.bot}`,
      scheduleExpression: `rate(${minutes} minute${minutes === 1 ? '' : 's'})`,
      state: watch.isOn ? 'ENABLED' : 'DISABLED',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: registrar.function.functionArn,
        roleArn: invoker.roleArn,
        input: Stack.of(this).toJsonString(watchEvent(props)),
        // A late check holds settings of the past, and the next one is not far.
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      },
    });
    this.schedule.node.addDependency(registration, invoker as IRole);
  }
}

function watchEvent({ watch, identity, profile, properties, bot }: WebhookWatchProps): WatchEvent {
  const { AllowedUpdates } = properties;
  return {
    RequestType: 'Watch',
    Purpose: 'watch',
    ScheduledTime: '<aws.scheduler.scheduled-time>',
    Repair: watch.repair ? 'true' : 'false',
    Metric: watch.alerts ? 'true' : 'false',
    StackId: Stack.of(identity).stackId,
    Bot: bot,
    BotId: identity.botId,
    WebhookSecretSha256: identity.webhookSecretSha256,
    ResourceProperties: {
      ...properties,
      DeployStamp: undefined,
      // getWebhookInfo names no types when they are the default set, however they were given.
      AllowedUpdates: isDefaultSet(AllowedUpdates) ? [] : AllowedUpdates,
    },
    Profile: profile && { ...profile.declared, Unfinished: profile.unfinished },
  };
}
