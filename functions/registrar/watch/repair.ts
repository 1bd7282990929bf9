import type { WatchReport } from '../../contract.ts';
import { CALL_TIMEOUT_MS } from '../../telegram/client.ts';
import { resourceNames } from '../bot/identify.ts';
import { explainError, isExpected } from '../errors.ts';
import { telegramRetryPolicy } from '../retry/policy.ts';
import { CLOCK_SKEW_MS, NEW_SETTINGS_MS, REPAIR_MS, SECOND_LOOK_MS } from '../retry/time-budget.ts';
import type { RequestContext, WebhookApi } from '../services.ts';
import { type StackSnapshot, StackUnknownError } from '../stack.ts';
import { probe } from '../webhook/probe.ts';
import {
  type SetWebhookCall,
  setWebhook,
  setWebhookParameters,
  verify,
} from '../webhook/register.ts';
import { diagnose, stackName } from './diagnose.ts';
import type { Declared, Observation, OwnWebhook } from './observe.ts';

/** What a check has found, and what a repair needs. */
export interface Repairable {
  readonly report: WatchReport;
  readonly seen: Observation & { readonly own: OwnWebhook };
  readonly api: WebhookApi;
  readonly declared: Declared;
  /** When the check was scheduled. What it knows was deployed before that. */
  readonly scheduledAt: number;
}

/**
 * Sets the webhook again, along the registration's own path: look, probe, look again, set, verify. Nothing is set
 * unless the last look shows what was diagnosed, and the stack has been settled since the check was scheduled. Whoever
 * changes the stack or the webhook later waits for `ATTEMPT_MS` until this can no longer overtake them.
 */
export async function repair(found: Repairable, context: RequestContext): Promise<WatchReport> {
  const { report, seen, api, declared } = found;
  const { own } = seen;
  const { webhook } = declared;
  const deadline = Math.min(context.deadline, context.clock.now() + REPAIR_MS);
  const work = { ...context, deadline };
  const retrying = { ...work, policy: telegramRetryPolicy };
  // A check that was scheduled before the last update may hold old settings, or a bot that is gone.
  const marginMs = report.condition === 'changed' ? NEW_SETTINGS_MS : CLOCK_SKEW_MS;
  const requireSettled = () => requireSettledStack(found, marginMs, context);
  const lookAgain = async () => {
    const current = await api.getWebhookInfo();
    const now = diagnose({ ...seen, at: context.clock.now(), current }, declared);
    if (now.condition !== report.condition) throw new Superseded(now);
    return current.url;
  };
  const call: SetWebhookCall = {
    parameters: setWebhookParameters(webhook, own.url, own.secret),
    drop: false,
    isNew: false,
    mayBeSet: false,
  };
  try {
    await requireSettled();
    if (report.condition === 'missing') {
      await context.clock.sleep(SECOND_LOOK_MS);
      await lookAgain();
    }
    await probe({ ...webhook, url: new URL(own.url), secret: own.secret }, work);
    const look = async () => {
      const start = context.clock.now();
      const [url] = await Promise.all([lookAgain(), requireSettled()]);
      if (context.clock.now() - start > CALL_TIMEOUT_MS) throw new StackUnknownError('no answer');
      return url;
    };
    await setWebhook(api, call, look, retrying);
    const current = await verify(api, retrying);
    if (current instanceof Error) return repaired(report);
    return outcome(report, diagnose({ ...seen, at: context.clock.now(), current }, declared));
  } catch (error) {
    if (error instanceof Superseded) {
      const { now } = error;
      // After a lost response, the look before the next attempt sees what the first one has set.
      return call.mayBeSet ? outcome(report, now) : now;
    }
    return failed(error, found);
  }
}

/** The webhook is no longer what was diagnosed: another process has changed it, or it was only being replaced. */
class Superseded extends Error {
  readonly now: WatchReport;

  constructor(now: WatchReport) {
    super(`the webhook is ${now.condition}`);
    this.name = 'Superseded';
    this.now = now;
  }
}

export class StackBusyError extends Error {
  /** The stack's status; empty for a stack that was just deployed. */
  readonly status: string;

  constructor(status: string) {
    super(`the stack is ${status ? `in ${status}` : 'just deployed'}`);
    this.name = 'StackBusyError';
    this.status = status;
  }
}

/**
 * The states in which what the schedule holds is deployed. Of a stack in `ROLLBACK_COMPLETE` or `DELETE_COMPLETE`,
 * nothing is left; `…_FAILED` and `…_IN_PROGRESS` leave open which settings apply.
 */
const SETTLED = [
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_COMPLETE',
];

/**
 * @param marginMs how long ago the stack's last update must have begun when the check was scheduled
 * @throws StackBusyError, or StackUnknownError
 */
export async function requireSettledStack(
  { declared, scheduledAt }: Pick<Repairable, 'declared' | 'scheduledAt'>,
  marginMs: number,
  { describeStack }: RequestContext,
): Promise<void> {
  let stack: StackSnapshot;
  try {
    stack = await describeStack(declared.stackId);
  } catch (error) {
    throw new StackUnknownError((error as Error).name);
  }
  const { status, updatedAt } = stack;
  if (!SETTLED.includes(status)) throw new StackBusyError(status);
  if (updatedAt + marginMs > scheduledAt) throw new StackBusyError('');
}

/** @param now the diagnosis after the webhook was set */
function outcome(report: WatchReport, now: WatchReport): WatchReport {
  // Of these, setWebhook itself removes the cause. Telegram may show an error until the next delivery.
  const isRepaired = !['missing', 'changed', 'foreign'].includes(now.condition);
  if (isRepaired) return { ...repaired(report), webhook: now.webhook };
  return now.condition === report.condition ? { ...now, repair: 'failed' } : now;
}

function repaired(report: WatchReport): WatchReport {
  return { ...report, severity: 'warning', repair: 'done' };
}

function failed(error: unknown, { report, declared }: Repairable): WatchReport {
  if (error instanceof StackBusyError) {
    const { status } = error;
    const isFailed = /FAILED$/.test(status);
    return {
      ...report,
      condition: 'stack-busy',
      severity: isFailed ? 'error' : 'warning',
      cause: `${report.cause} It is not repaired yet, because ${error.message}.`,
      fix: isFailed
        ? `Finish the deploy, or roll it back: cdk rollback ${stackName(declared)}`
        : 'Wait: a later check repairs it.',
    };
  }
  const { what, fix } = isExpected(error)
    ? explainError(error, { ...resourceNames(declared.resource), tryAgain: 'deploy again.' })
    : { what: `The repair failed with ${(error as Error).name}.`, fix: report.fix };
  return {
    ...report,
    repair: 'failed',
    cause: `${report.cause} It could not be repaired${what ? `: ${what}` : '.'}`,
    fix,
  };
}
