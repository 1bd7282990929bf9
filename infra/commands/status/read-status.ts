import { type CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { SchedulerClient } from '@aws-sdk/client-scheduler';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { WatchReport, WebhookCondition } from '../../../functions/contract.ts';
import { askRegistrar } from '../ask-registrar.ts';
import { withHint } from '../aws-hints.ts';
import type { DeployedBot, DeployedStack } from '../deployed-bots/deployed-stack.ts';
import type { FoundStack } from '../deployed-bots/find-bots.ts';
import { type QueueStatus, readQueue } from './queue.ts';
import { type LoggedError, recentErrors } from './recent-errors.ts';

/** A part of the status, or why it could not be read. */
export type Part<T> = T | Unreadable;

export interface Unreadable {
  readonly unreadable: string;
}

export type Health = 'healthy' | 'unhealthy' | 'unknown';

/** The status of one bot, as `--json` prints it. */
export interface BotStatus {
  readonly health: Health;
  /** Path of the `TelegramBot` construct. */
  readonly bot: string;
  readonly stack: Omit<DeployedStack, 'bots' | 'deployedAt'> & { readonly deployedAt?: string };
  readonly report: Part<WatchReport>;
  /** Undefined with direct delivery. */
  readonly queue?: Part<QueueStatus>;
  readonly alarms: Part<AlarmStatus>;
  readonly errors: Part<readonly LoggedError[]>;
}

/** Bots of the app about which nothing is known, because they or their stack are not deployed or cannot be read. */
export interface UnknownStatus extends Unreadable {
  readonly health: 'unknown';
  readonly stack: { readonly name: string };
  readonly bots: readonly string[];
}

export interface AlarmStatus {
  readonly total: number;
  readonly inAlarm: readonly { name: string; reason: string; since?: string }[];
}

/** StatusClients for the region of a stack. */
export interface StatusClients {
  readonly cloudWatch: CloudWatchClient;
  readonly lambda: LambdaClient;
  readonly logs: CloudWatchLogsClient;
  readonly scheduler: SchedulerClient;
  readonly sqs: SQSClient;
}

const ERRORS_SHOWN = 3;

export function isUnreadable(part: object): part is Unreadable {
  return 'unreadable' in part;
}

/** Reads the status of every bot of a stack: the deployed ones, then those that the app only declares. */
export async function readStatus(
  { declared, deployed }: FoundStack,
  clientsOf: (region: string) => StatusClients,
  now: number,
): Promise<(BotStatus | UnknownStatus)[]> {
  const unknown = (bots: readonly { path: string }[], unreadable: string): UnknownStatus => ({
    health: 'unknown',
    stack: { name: declared.name },
    bots: bots.map(({ path }) => path),
    unreadable,
  });
  if (deployed instanceof Error) return [unknown(declared.bots, deployed.message)];
  const clients = clientsOf(deployed.region);
  const missing = declared.bots.filter(
    ({ path }) => !deployed.bots.some((bot) => bot.path === path),
  );
  return [
    ...(await Promise.all(deployed.bots.map((bot) => readBot(bot, clients, now)))),
    ...(missing.length > 0
      ? [unknown(missing, `Not part of the deployed stack ${declared.name}: deploy it.`)]
      : []),
  ];
}

async function readBot(bot: DeployedBot, clients: StatusClients, now: number): Promise<BotStatus> {
  const [report, queue, alarms, errors] = await Promise.all([
    part(askRegistrar(bot, clients)),
    bot.updates === undefined ? undefined : part(readQueue(bot.updates, bot, clients, now)),
    part(readAlarms(bot.alarms, clients.cloudWatch)),
    part(
      bot.bot
        ? recentErrors(clients.logs, bot.bot.logGroup, { now, limit: ERRORS_SHOWN })
        : Promise.reject(new Error('The deployed stack has no function for the bot.')),
    ),
  ]);
  const { deployedAt, ...stack } = bot.stack;
  const status = {
    bot: bot.path,
    stack: { ...stack, deployedAt: deployedAt?.toISOString() },
    report,
    queue,
    alarms,
    errors,
  };
  return { health: healthOf(status), ...status };
}

function part<T>(reading: Promise<T>): Promise<Part<T>> {
  return reading.catch((error: Error) => ({ unreadable: withHint(error) }));
}

async function readAlarms(
  names: readonly string[],
  client: CloudWatchClient,
): Promise<AlarmStatus> {
  // Without names, CloudWatch would describe all alarms of the account.
  if (names.length === 0) return { total: 0, inAlarm: [] };
  const { MetricAlarms = [] } = await client.send(
    new DescribeAlarmsCommand({ AlarmNames: [...names], StateValue: 'ALARM' }),
  );
  const inAlarm = MetricAlarms.map(({ AlarmName, StateReason, StateUpdatedTimestamp }) => ({
    name: AlarmName ?? '',
    reason: StateReason ?? '',
    since: StateUpdatedTimestamp?.toISOString(),
  }));
  return { total: names.length, inAlarm };
}

/** Conditions in which the registrar cannot tell whether the webhook works. */
const UNDECIDED: readonly WebhookCondition[] = [
  'secret-unreachable',
  'telegram-unreachable',
  'stack-busy',
];

/** Judges a bot: unhealthy if anything is known to be wrong, else unknown if anything could not be read. */
export function healthOf({
  stack,
  report,
  queue,
  alarms,
}: Pick<BotStatus, 'stack' | 'report' | 'queue' | 'alarms'>): Health {
  const isUndecided = !isUnreadable(report) && UNDECIDED.includes(report.condition);
  const isWrong =
    /FAILED$|^ROLLBACK_COMPLETE$/.test(stack.status) ||
    (!isUnreadable(report) && report.severity !== 'ok' && !isUndecided) ||
    (queue !== undefined && !isUnreadable(queue) && queue.deadLetters > 0) ||
    (!isUnreadable(alarms) && alarms.inAlarm.length > 0);
  if (isWrong) return 'unhealthy';
  const isUnknown = [report, queue, alarms].some(
    (part) => part !== undefined && isUnreadable(part),
  );
  return isUnknown || isUndecided ? 'unknown' : 'healthy';
}

/** The exit code of the command: 0 if all bots are healthy, 1 if one is not, else 2. */
export function exitCodeOf(statuses: readonly { readonly health: Health }[]): 0 | 1 | 2 {
  if (statuses.some(({ health }) => health === 'unhealthy')) return 1;
  return statuses.every(({ health }) => health === 'healthy') ? 0 : 2;
}
