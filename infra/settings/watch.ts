import { Duration, Token } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Delivery } from './delivery.ts';

export interface WatchOptions {
  /**
   * Whether a check sets the webhook again when it is missing, has other settings or another secret. A webhook that
   * points elsewhere is only reported.
   *
   * @default true
   */
  readonly repair?: boolean;

  /**
   * Alarms, and who hears of them. They cost 50 cents a month for a bot, 80 behind a queue: 30 for the metric of the
   * watch, 10 for each alarm.
   *
   * @default - no alarms; what a check finds is in the registrar's log and in `npm run status`
   */
  readonly alerts?: AlertOptions;
}

/** Without a topic or a chat, the alarms have no actions: add your own to `telegramBot.alarms`. */
export interface AlertOptions {
  /**
   * Notified when an alarm goes off, and when it is over. A topic with a policy of its own, such as that of `enforceSSL`,
   * has to let `cloudwatch.amazonaws.com` publish.
   *
   * @default - no topic
   */
  readonly topic?: ITopic;

  /**
   * The chat in which the bot itself tells that an alarm went off, and that it is over: your own id, or a group's id or
   * `@name`. The bot can only write to a person who has started it.
   *
   * @default - no chat
   */
  readonly chat?: number | string;

  /**
   * How long the oldest update may wait on the queue, 1 minute to 14 days. Updates wait while the bot meets an outage,
   * or is slower than its users.
   *
   * @default Duration.minutes(10), for a bot behind a queue
   */
  readonly oldestUpdate?: Duration;
}

/**
 * How the webhook is monitored between deploys.
 *
 * @example
 * new TelegramBot(this, 'Bot', { token, watch: Watch.every(Duration.minutes(5), { alerts: { topic } }) });
 */
export class Watch {
  /**
   * Checks the webhook at this interval, 1 to 60 minutes, and repairs it. Every 5 minutes costs about 9 cents a month at
   * list prices, and 5 within AWS's free tiers: 8,640 reads of the secret for 4.3 cents, as many seconds of a function
   * with 256 MiB for 3, schedule and log for the rest.
   *
   * @throws Error that shows the value and what is allowed
   */
  static every(interval: Duration, options: WatchOptions = {}): Watch {
    return new Watch(true, interval, options);
  }

  /** Checks nothing. A disabled schedule remains, from which `npm run status` reads what is deployed. */
  static off(): Watch {
    return new Watch(false, Duration.minutes(5), {});
  }

  readonly isOn: boolean;
  readonly interval: Duration;
  readonly repair: boolean;
  readonly alerts?: AlertOptions;

  private constructor(isOn: boolean, interval: Duration, { repair = true, alerts }: WatchOptions) {
    checkInterval(interval);
    if (alerts) checkAlerts(alerts);
    this.isOn = isOn;
    this.interval = interval;
    this.repair = repair;
    this.alerts = alerts;
  }
}

const SHORTEST_WAIT = Duration.minutes(1);
const LONGEST_WAIT = Duration.days(14);

/**
 * Checks a watch together with the delivery of the bot.
 *
 * @throws Error that names the setting and the fix
 */
export function checkWatch({ alerts }: Watch, { queue }: Delivery): void {
  if (alerts?.oldestUpdate && !queue) {
    throw new Error(
      'alerts.oldestUpdate is about the queue of Delivery.queued(), and the delivery is direct: leave it out',
    );
  }
}

function checkInterval(interval: Duration): void {
  if (interval.isUnresolved()) {
    throw new Error('the interval of Watch.every must be known at synth: give a Duration');
  }
  const minutes = interval.toMinutes({ integral: false });
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= 60) return;
  throw new Error(
    `the interval of Watch.every must be 1 to 60 whole minutes, got ${interval.toHumanString()}`,
  );
}

function checkAlerts({ chat, oldestUpdate }: AlertOptions): void {
  if (chat !== undefined) checkChat(chat);
  if (!oldestUpdate || oldestUpdate.isUnresolved()) return;
  const seconds = oldestUpdate.toSeconds({ integral: false });
  const isWithin = seconds >= SHORTEST_WAIT.toSeconds() && seconds <= LONGEST_WAIT.toSeconds();
  if (Number.isInteger(seconds) && isWithin) return;
  throw new Error(
    `alerts.oldestUpdate must be 1 minute to 14 days in whole seconds, got ${oldestUpdate.toHumanString()}`,
  );
}

function checkChat(chat: number | string): void {
  if (Token.isUnresolved(chat)) return;
  const isId = Number.isSafeInteger(Number(chat)) && Number(chat) !== 0;
  if (isId || /^@\w{4,32}$/.test(String(chat))) return;
  throw new Error(
    `alerts.chat must be the id of a chat, such as 123456789, or the @name of a public group or channel; got ${chat}`,
  );
}
