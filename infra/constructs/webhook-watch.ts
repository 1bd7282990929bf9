import { Stack } from 'aws-cdk-lib';
import type { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { WatchEvent, WebhookProperties } from '../../functions/contract.ts';
import { isDefaultSet } from '../settings/update-types.ts';
import type { Watch } from '../settings/watch.ts';
import type { BotIdentity } from './bot-identity.ts';
import type { BotProfile } from './bot-profile.ts';
import { WatchSchedule } from './watch-schedule.ts';
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
  /** Shared by all bots of the stack that are checked at the same interval. */
  readonly schedule: CfnSchedule;

  constructor(scope: Construct, id: string, props: WebhookWatchProps) {
    super(scope, id);
    const shared = WatchSchedule.getOrCreate(this, props.watch);
    shared.add(watchEvent(props), props.registration);
    this.schedule = shared.schedule;
  }
}

function watchEvent({ watch, identity, profile, properties, bot }: WebhookWatchProps): WatchEvent {
  const { AllowedUpdates } = properties;
  return {
    RequestType: 'Watch',
    Purpose: 'watch',
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
