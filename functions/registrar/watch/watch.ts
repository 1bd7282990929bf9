import {
  type ProfileReport,
  type WatchEvent,
  WatchMetric,
  type WatchReport,
  type WebhookCondition,
} from '../../contract.ts';
import { LATEST_CHECK_MS, RESPONSE_MS } from '../retry/time-budget.ts';
import type { RequestContext, Services } from '../services.ts';
import { diagnose, stackName } from './diagnose.ts';
import { observe, parseDeclared } from './observe.ts';
import { checkProfile } from './profile.ts';
import { repair } from './repair.ts';

export interface WatchServices extends Services {
  /** Writes a line to standard output as it is: Lambda's log format would nest what `console` prints. */
  readonly writeMetric: (line: string) => void;
}

/** What is certainly ours, and can be set again. */
const REPAIRABLE: readonly WebhookCondition[] = ['missing', 'changed', 'out-of-sync'];

/** What may pass by itself: it counts half, so that only two checks in a row raise the alarm. */
const TRANSIENT: readonly WebhookCondition[] = [
  'endpoint-failing',
  'backlog',
  'secret-unreachable',
  'telegram-unreachable',
  'token-changed',
  'another-bot',
  'stack-busy',
];

/**
 * Checks a webhook, repairs it, and reports. For `status` it only looks.
 *
 * @param timeLeftMs how long until Lambda ends this invocation
 * @param receivedAt when the invocation began
 * @returns undefined for an event that came too late to be acted on
 */
export async function handleWatch(
  event: WatchEvent,
  timeLeftMs: number,
  services: WatchServices,
  receivedAt = services.clock.now(),
): Promise<WatchReport | undefined> {
  const { clock, log } = services;
  const start = clock.now();
  const { Bot: bot, Purpose, ScheduledTime = '' } = event;
  const scheduledAt = Date.parse(ScheduledTime);
  const deadline = start + timeLeftMs - RESPONSE_MS;
  const context: RequestContext = { ...services, isRollback: false, deadline };
  if (Purpose === 'status') {
    const found = await check(event, context);
    return withProfile(found.report, await checkProfile({ event, ...found }, context));
  }
  // Written so that a time that cannot be read is late.
  if (!(receivedAt - scheduledAt <= LATEST_CHECK_MS)) {
    log.warn({ event: 'watch.dropped', bot, scheduledAt: ScheduledTime });
    return undefined;
  }
  const found = await check(event, context);
  const { seen, api, report: diagnosis } = found;
  let report = diagnosis;
  if (REPAIRABLE.includes(diagnosis.condition) && seen.own && api) {
    report =
      event.Repair === 'true'
        ? await repair({ ...found, seen: { ...seen, own: seen.own }, api, scheduledAt }, context)
        : { ...diagnosis, repair: 'off' };
  }
  report = withProfile(report, await checkProfile({ event, ...found, report }, context));
  const line = { event: 'watch.report', ...report, bot, durationMs: clock.now() - start };
  const { because, differences = [] } = report.profile ?? {};
  const isAsDeclared = differences.length === 0 && !because;
  if (report.severity === 'ok' && isAsDeclared) log.info(line);
  else if (report.severity !== 'error') log.warn(line);
  else log.error(line);
  if (event.Metric === 'true') services.writeMetric(metricLine(event, report, clock.now()));
  return report;
}

function withProfile(report: WatchReport, profile: ProfileReport | undefined): WatchReport {
  return profile ? { ...report, profile } : report;
}

async function check(event: WatchEvent, context: RequestContext) {
  const declared = parseDeclared(event);
  const { seen, api } = await observe(declared, event.Purpose, context);
  return { declared, seen, api, report: diagnose(seen, declared) };
}

/** Returns 0 for a webhook that needs nothing, 0.5 for what may pass by itself, 1 for what will not. */
export function unhealthiness({ condition, severity, repair }: WatchReport): 0 | 0.5 | 1 {
  if (severity === 'ok' || repair === 'done') return 0;
  return TRANSIENT.includes(condition) ? 0.5 : 1;
}

/**
 * Returns a line in CloudWatch's embedded metric format.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
function metricLine({ StackId, Bot }: WatchEvent, report: WatchReport, now: number): string {
  const { namespace: Namespace, name: Name } = WatchMetric;
  const metrics = { Namespace, Dimensions: [['Stack', 'Bot']], Metrics: [{ Name }] };
  return JSON.stringify({
    _aws: { Timestamp: now, CloudWatchMetrics: [metrics] },
    Stack: stackName({ stackId: StackId }),
    Bot,
    condition: report.condition,
    [Name]: unhealthiness(report),
  });
}
