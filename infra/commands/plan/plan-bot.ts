import type {
  SettingDifference,
  WatchReport,
  WebhookProperties,
} from '../../../functions/contract.ts';
import type { DeclaredBot } from '../deployed-bots/template.ts';
import { count } from '../text.ts';
import { profileChanges } from './plan-profile.ts';
import { switchNotes } from './plan-switches.ts';

/** What the next deploy does to a bot at Telegram. */
export interface BotPlan {
  /** Path of the `TelegramBot` construct. */
  readonly bot: string;
  readonly kind: 'new' | 'removed' | 'changed' | 'unchanged';
  readonly changes: readonly SettingChange[];
  /** Sentences about what follows, and about what could not be found out. */
  readonly notes: readonly string[];
}

/** A setting of the webhook before and after the deploy. */
export interface SettingChange {
  readonly setting: string;
  /** Undefined for a new bot. */
  readonly before?: string;
  readonly after: string;
}

/** The properties of `Custom::TelegramWebhook` in a template, where any may be an intrinsic function. */
type Webhook = { readonly [Name in keyof WebhookProperties]?: unknown };

/** The settings that people recognize, each with its name and a text for its value. */
const SETTINGS: readonly [keyof WebhookProperties, string, (value: unknown) => string][] = [
  ['Endpoint', 'endpoint', (value) => (typeof value === 'string' ? value : 'a new endpoint')],
  ['AllowedUpdates', 'allowedUpdates', updateTypes],
  ['MaxConnections', 'maxConnections', text],
  ['IpAddress', 'ipAddress', (value) => text(value ?? 'by DNS')],
  ['Certificate', 'certificate', (value) => (value === undefined ? 'none' : 'a PEM file')],
  ['TokenSecret', 'token', text],
  ['ApiRoot', 'apiRoot', text],
  ['TelegramEnvironment', 'telegramEnvironment', (value) => text(value ?? 'prod')],
];

/** Settings whose default is not worth a line for a new bot. */
const OPTIONAL = ['IpAddress', 'Certificate', 'TelegramEnvironment'];

/** Plans the first deploy of a bot, which Telegram cannot be asked about. */
export function planNew({ path, profile, webhook }: DeclaredBot): BotPlan {
  const { DropPendingUpdates, ExistingWebhook }: Webhook = webhook;
  return {
    bot: path,
    kind: 'new',
    changes: SETTINGS.filter(([name]) => webhook[name] !== undefined || !OPTIONAL.includes(name))
      .map(([name, setting, toText]): SettingChange => ({ setting, after: toText(webhook[name]) }))
      .concat(profileChanges(profile)),
    notes: [
      ExistingWebhook === 'fail'
        ? 'The deploy fails if the bot already delivers elsewhere.'
        : 'A webhook that the bot has elsewhere is replaced, and the deploy reports its host.',
      DropPendingUpdates === 'true'
        ? 'The updates that Telegram holds for the bot are dropped.'
        : 'The updates that Telegram holds for the bot are kept and delivered.',
      'Before its first deploy, Telegram cannot be asked about the bot: the token is in AWS, where nothing may read it yet.',
    ],
  };
}

/** Plans the removal of a bot from its stack. */
export function planRemoved({ path, profile }: DeclaredBot, report: WatchReport | Error): BotPlan {
  const notes = [
    removal(report),
    ...(profile ? ['Its profile is cleared where it is as this stack has set it.'] : []),
  ];
  return { bot: path, kind: 'removed', changes: [], notes };
}

function removal(report: WatchReport | Error): string {
  const webhook = report instanceof Error ? undefined : report.webhook;
  if (!webhook) {
    return `The webhook is removed if it is still this stack's. ${unasked(report)}`;
  }
  const { host, isOurs, pendingUpdates } = webhook;
  if (host === '') return 'It has no webhook that would be removed.';
  if (!isOurs) return `Its webhook at ${host} stays, because it is not this stack's.`;
  return `Its webhook at ${host} is removed. Telegram keeps ${count(pendingUpdates, 'pending update')} for up to a day.`;
}

/** Plans an update of a deployed bot. */
export function planUpdate(
  declared: DeclaredBot,
  deployed: DeclaredBot,
  report: WatchReport | Error,
): BotPlan {
  const settings = SETTINGS.filter(([name]) =>
    isDifferent(declared.webhook[name], deployed.webhook[name]),
  ).map(([name, setting, toText]) => ({
    setting,
    before: name === 'Endpoint' ? currentHost(report) : toText(deployed.webhook[name]),
    after:
      name === 'Certificate' && declared.webhook[name] && deployed.webhook[name]
        ? 'another PEM file'
        : toText(declared.webhook[name]),
  }));
  const changes = [...settings, ...profileChanges(declared.profile, deployed.profile)];
  const webhook: Webhook = declared.webhook;
  // CloudFormation calls the registrar if any property changes; the stamp is one that changes with every synth.
  const isRegistered = isDifferent(declared.webhook, deployed.webhook);
  const isIdentified = isDifferent(declared.identity, deployed.identity);
  const isNewToken = changes.some(({ setting }) => setting === 'token');
  return {
    bot: declared.path,
    kind: changes.length > 0 ? 'changed' : 'unchanged',
    changes,
    notes: [
      ...(isNewToken ? [newToken(webhook, report)] : []),
      ...(report instanceof Error ? [unasked(report)] : current(report, isRegistered)),
      ...(report instanceof Error ? [] : profileNotes(report, declared, deployed)),
      ...(isIdentified && !(report instanceof Error) ? switchNotes(report, declared) : []),
    ],
  };
}

function newToken({ ExistingWebhook }: Webhook, report: WatchReport | Error): string {
  const bot = report instanceof Error ? undefined : report.bot;
  const existing =
    ExistingWebhook === 'fail'
      ? 'the deploy fails if that bot delivers elsewhere'
      : 'a webhook that it has elsewhere is replaced';
  return (
    'Another token brings another URL and another secret_token. If it is the token of another bot, ' +
    `${existing}, and the webhook of ${bot ? `@${bot.username}` : 'the present bot'} is removed.`
  );
}

/** Says how Telegram's state differs from what is deployed, and what the deploy does about it. */
function current({ cause, condition, fix, webhook }: WatchReport, isRegistered: boolean): string[] {
  if (!webhook) return [`Telegram's state is unknown (${condition}): ${cause} ${fix}`.trim()];
  const { differences, host, isOurs } = webhook;
  const remedy = isRegistered
    ? 'the deploy sets it'
    : 'the deploy changes nothing for the bot, so it does not set it; the watch may';
  if (host === '') return [`Telegram has no webhook now: ${remedy}.`];
  if (!isOurs) {
    return [
      isRegistered
        ? `Telegram delivers to ${host} now, which is not this stack's: the deploy replaces that webhook.`
        : `Telegram delivers to ${host} now, which is not this stack's, and the deploy does not change that.`,
    ];
  }
  if (differences.length === 0) {
    return [
      `Telegram delivers to ${host}, with the deployed settings${isRegistered ? '; the deploy verifies and renews that' : ''}.`,
    ];
  }
  return differences.map((difference) => differs(difference, remedy));
}

function differs({ actual, declared, setting }: SettingDifference, remedy: string): string {
  return `At Telegram, ${setting} is ${actual} now, although ${declared} is deployed: ${remedy}.`;
}

/** Says how the profile at Telegram differs from what is deployed, and what the deploy does about it. */
function profileNotes(
  { profile }: WatchReport,
  declared: DeclaredBot,
  deployed: DeclaredBot,
): string[] {
  const { because, differences = [] } = profile ?? {};
  const isSet = isDifferent(declared.profile, deployed.profile);
  return [
    ...differences.map((difference) =>
      differs(
        difference,
        isSet ? 'the deploy sets what it declares' : 'the deploy does not set it; the watch may',
      ),
    ),
    ...(because ? [`The profile could not be compared: ${because}`] : []),
  ];
}

function unasked(report: WatchReport | Error): string {
  const reason = report instanceof Error ? report.message : `${report.cause} ${report.fix}`.trim();
  return `Telegram could not be asked: ${reason}`;
}

function currentHost(report: WatchReport | Error): string {
  return (report instanceof Error ? undefined : report.webhook?.host) || 'the present endpoint';
}

function isDifferent(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) !== JSON.stringify(other);
}

function updateTypes(value: unknown): string {
  if (!Array.isArray(value)) return text(value);
  return value.length === 0 ? "Telegram's default set" : value.join(', ');
}

function text(value: unknown): string {
  return typeof value === 'object' || value === undefined
    ? 'known during the deploy'
    : String(value);
}
