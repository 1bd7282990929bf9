import { styleText } from 'node:util';
import type { SettingDifference, WatchReport } from '../../../functions/contract.ts';
import { type BotOptions, npmCommand } from '../deployed-bots/options.ts';
import { count, durationInWords, oneLine, wrap } from '../text.ts';
import type { QueueStatus } from './queue.ts';
import {
  type AlarmStatus,
  type BotStatus,
  type Health,
  isUnreadable,
  type Part,
  type UnknownStatus,
} from './read-status.ts';
import type { LoggedError } from './recent-errors.ts';

export interface LayoutOptions {
  /** Of the terminal. */
  readonly columns: number;
  readonly isColoured: boolean;
  /** What ages are counted from, in milliseconds. */
  readonly now: number;
  /** The options of the command, which the commands in hints repeat. */
  readonly options: BotOptions;
}

type Tone = 'plain' | 'good' | 'bad' | 'unsure';

interface Row {
  readonly label: string;
  /** Each begins a line. */
  readonly texts: readonly string[];
  readonly tone?: Tone;
}

const COLOURS = { good: 'green', bad: 'red', unsure: 'yellow' } as const;
const TONES: Readonly<Record<Health, Tone>> = {
  healthy: 'good',
  unhealthy: 'bad',
  unknown: 'unsure',
};
/** Columns in front of a row's text: an indent of two, the longest label and a gap. */
const LABEL = 15;
/** Columns behind the title: a gap and the longest health. */
const HEALTH = 11;

/** Lays out the screen: a title and rows of label and text for each bot. */
export function layOut(
  statuses: readonly (BotStatus | UnknownStatus)[],
  options: LayoutOptions,
): string {
  return statuses
    .map((status) => {
      const isUnknown = isUnreadable(status);
      const names = isUnknown ? status.bots.join(', ') || status.stack.name : status.bot;
      const health = paint(TONES[status.health], status.health, options);
      const rows = isUnknown ? [unreadableRow('Reason', status)] : rowsOf(status, options);
      const lines = rows.flatMap((row) => linesOf(row, options));
      const title = wrap(oneLine(names), options.columns - HEALTH).join('\n');
      return [`${title}  ${health}`, ...lines].join('\n');
    })
    .join('\n\n');
}

function rowsOf(status: BotStatus, options: LayoutOptions): Row[] {
  const { report, queue, alarms, errors } = status;
  return [
    ...reportRows(report, options),
    stackRow(status.stack, options),
    ...(queue ? queueRows(queue, options) : []),
    alarmsRow(alarms, options),
    errorsRow(errors, options),
  ];
}

function stackRow(
  { deployedAt, name, region, status, statusReason }: BotStatus['stack'],
  options: LayoutOptions,
): Row {
  const deployed = deployedAt ? `, last deploy ${ago(deployedAt, options)}` : '';
  const rolledBack = /ROLLBACK_COMPLETE$/.test(status) ? ': that deploy failed' : '';
  return {
    label: 'Stack',
    texts: [
      `${name} in ${region}`,
      `${status}${deployed}${rolledBack}`,
      ...(statusReason ? [statusReason] : []),
    ],
    tone: /FAILED$|ROLLBACK/.test(status) ? 'bad' : 'plain',
  };
}

function reportRows(report: Part<WatchReport>, options: LayoutOptions): Row[] {
  if (isUnreadable(report)) return [unreadableRow('Webhook', report)];
  const { bot, cause, condition, fix, profile, severity, webhook } = report;
  const tone = severity === 'error' ? 'bad' : 'unsure';
  return [
    ...(severity === 'ok'
      ? []
      : [{ label: 'Diagnosis', texts: [condition, cause], tone } as const]),
    ...(severity === 'ok' || !fix ? [] : [{ label: 'Fix', texts: fix.split('\n') }]),
    ...(bot ? [botRow(bot)] : []),
    ...(bot?.switches ? [switchesRow(bot.switches)] : []),
    ...(webhook ? [webhookRow(webhook), pendingRow(webhook, options)] : []),
    ...(profile ? [profileRow(profile)] : []),
  ];
}

function botRow({ id, name, username }: NonNullable<WatchReport['bot']>): Row {
  return { label: 'Bot', texts: [`${name} (@${username}), id ${id}`, `https://t.me/${username}`] };
}

/** Shows what @BotFather switches, by the names of `expects`. */
function switchesRow(switches: Readonly<Record<string, boolean>>): Row {
  const on = Object.keys(switches).filter((name) => switches[name]);
  return { label: 'Switches', texts: [on.length > 0 ? `on: ${on.join(', ')}` : 'all off'] };
}

type Webhook = NonNullable<WatchReport['webhook']>;

function webhookRow({ differences, host, isOurs }: Webhook): Row {
  if (host === '') return { label: 'Webhook', texts: ['none'], tone: 'bad' };
  if (!isOurs) return { label: 'Webhook', texts: [host, "not this stack's"], tone: 'bad' };
  if (differences.length === 0) return { label: 'Webhook', texts: [host, 'settings as declared'] };
  return { label: 'Webhook', texts: [host, ...differences.map(differenceText)], tone: 'unsure' };
}

function pendingRow({ lastError, pendingUpdates }: Webhook, options: LayoutOptions): Row {
  const error = lastError
    ? `last error ${ago(lastError.at, options)}: ${lastError.message}`
    : 'no error reported';
  return { label: 'At Telegram', texts: [`${count(pendingUpdates, 'update')} pending`, error] };
}

function profileRow({ because, differences }: NonNullable<WatchReport['profile']>): Row {
  const texts = [...differences.map(differenceText), ...(because ? [because] : [])];
  if (texts.length === 0) return { label: 'Profile', texts: ['as declared'] };
  return { label: 'Profile', texts, tone: 'unsure' };
}

function differenceText({ actual, declared, setting }: SettingDifference): string {
  return `${setting} is ${actual}, declared ${declared}`;
}

function queueRows(queue: Part<QueueStatus>, { options }: LayoutOptions): Row[] {
  if (isUnreadable(queue)) return [unreadableRow('Queue', queue)];
  const { deadLetters, inFlight, oldestSeconds, waiting } = queue;
  const age =
    oldestSeconds === undefined ? '' : `, the oldest for ${durationInWords(oldestSeconds * 1000)}`;
  const dead: Row = {
    label: 'Dead letters',
    texts:
      deadLetters === 0 ? ['none'] : [`${deadLetters}: ${npmCommand('dead-letters', options)}`],
    tone: deadLetters === 0 ? 'plain' : 'bad',
  };
  return [{ label: 'Queue', texts: [`${waiting} waiting, ${inFlight} in flight${age}`] }, dead];
}

function alarmsRow(alarms: Part<AlarmStatus>, options: LayoutOptions): Row {
  if (isUnreadable(alarms)) return unreadableRow('Alarms', alarms);
  const { inAlarm, total } = alarms;
  if (total === 0) return { label: 'Alarms', texts: ['not set up'] };
  if (inAlarm.length === 0) return { label: 'Alarms', texts: [`none of ${total}`] };
  const texts = inAlarm.map(
    ({ name, reason, since }) => `${name}${since ? ` ${ago(since, options)}` : ''}: ${reason}`,
  );
  return { label: 'Alarms', texts, tone: 'bad' };
}

function errorsRow(errors: Part<readonly LoggedError[]>, options: LayoutOptions): Row {
  if (isUnreadable(errors)) return unreadableRow('Last errors', errors);
  const texts = errors.map(({ at, message }) => `${ago(at, options)}: ${message}`);
  return { label: 'Last errors', texts: texts.length > 0 ? texts : ['none in a week'] };
}

function unreadableRow(label: string, { unreadable }: { readonly unreadable: string }): Row {
  return { label, texts: unreadable.split('\n'), tone: 'unsure' };
}

function ago(iso: string, { now }: LayoutOptions): string {
  const milliseconds = now - Date.parse(iso);
  return milliseconds < 1000 ? 'just now' : `${durationInWords(milliseconds)} ago`;
}

function linesOf({ label, texts, tone = 'plain' }: Row, options: LayoutOptions): string[] {
  const width = Math.max(20, options.columns - LABEL);
  return texts
    .flatMap((text) => wrap(oneLine(text), width))
    .map((text, index) => {
      const start = (index === 0 ? `  ${label}` : '').padEnd(LABEL);
      return `${start}${paint(tone, text, options)}`;
    });
}

function paint(tone: Tone, text: string, { isColoured }: LayoutOptions): string {
  if (!isColoured || tone === 'plain') return text;
  return styleText(COLOURS[tone], text, { validateStream: false });
}
