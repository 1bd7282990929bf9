import { TokenUnavailableError } from '../../bot-token/errors.ts';
import type { WatchReport, WebhookCondition } from '../../contract.ts';
import { classify } from '../../telegram/classify.ts';
import { switchesOf } from '../bot/expectations.ts';
import { resourceNames } from '../bot/identify.ts';
import { explainError } from '../errors.ts';
import { hostOf } from '../webhook/derive-secrets.ts';
import { explainDeliveryError, isUnauthorized, quote } from './delivery-errors.ts';
import { differencesOf, isOurs } from './differences.ts';
import type { Declared, Observation, OwnWebhook } from './observe.ts';

/**
 * How old Telegram's last error may be while deliveries still fail: an update is tried again after at most 120 s, and
 * an attempt takes at most 60. A success does not clear the error, so an older one says nothing.
 */
const RECENT_ERROR_MS = 3 * 60_000;

/** How many updates wait when the bot is no longer keeping up. A burst is over before the next check. */
const BACKLOG = 1000;

/** Names the condition of a webhook, with its cause and its fix. */
export function diagnose(seen: Observation, declared: Declared): WatchReport {
  const report = { ...conditionOf(seen, declared), ...viewOf(seen, declared) };
  return report.condition === 'foreign' ? { ...report, repair: 'not ours' } : report;
}

type Finding = Pick<WatchReport, 'condition' | 'severity' | 'cause' | 'fix'>;

function conditionOf(seen: Observation, declared: Declared): Finding {
  const { own, current, failure } = seen;
  if (own && own.botId !== declared.botId) return anotherBot(own, declared);
  if (!own || !current) return failed(failure, declared);
  if (own.secretSha256 !== declared.secretSha256) {
    return error(
      'token-changed',
      'The secret holds a new token, and the deployed bot still expects the old one.',
      'Deploy it: npm run deploy',
    );
  }
  const { url, pending_update_count: pending } = current;
  if (!url) {
    return error(
      'missing',
      'The bot has no webhook: a getUpdates client, such as a bot that polls on your machine, or another person has removed it.',
      'Give what polls a bot of its own; to set the webhook: npm run deploy',
    );
  }
  if (!isOurs(url, own)) {
    return error(
      'foreign',
      `The bot delivers to ${hostOf(url)}, which this stack has not set.`,
      'To take the bot back: npm run deploy. If another stack has taken it over, destroy this one.',
    );
  }
  const differences = differencesOf(current, own, declared);
  if (differences.length > 0) {
    const settings = differences.map(({ setting }) => setting).join(', ');
    return error(
      'changed',
      `Another process has set the webhook with other settings: ${settings}.`,
      'Stop it; to restore the settings: npm run deploy',
    );
  }
  const lastError = recentError(seen);
  if (lastError !== undefined && isUnauthorized(lastError)) {
    return error(
      'out-of-sync',
      'The receiver rejects the webhook secret: another process has set the webhook with a secret of its own.',
      'Stop it; to set the right secret: npm run deploy',
    );
  }
  if (lastError !== undefined) {
    const { cause, fix } = explainDeliveryError(lastError, stackName(declared));
    return error('endpoint-failing', cause, fix);
  }
  if (pending >= BACKLOG) {
    return {
      condition: 'backlog',
      severity: 'warning',
      cause: `${pending} updates wait at Telegram, and none of them fails: the bot is slower than its users.`,
      fix: `Raise maxConnections, or use Delivery.queued(); what takes long is in: npm run logs -- --stack ${stackName(declared)}`,
    };
  }
  return { condition: 'healthy', severity: 'ok', cause: '', fix: '' };
}

function error(condition: WebhookCondition, cause: string, fix: string): Finding {
  return { condition, severity: 'error', cause, fix };
}

/** Returns the error that deliveries meet now; undefined if they succeed. */
function recentError({ at, current }: Observation): string | undefined {
  const {
    last_error_date: date,
    last_error_message: message,
    pending_update_count,
  } = current ?? {};
  if (!date || !message || !pending_update_count) return undefined;
  return at - date * 1000 <= RECENT_ERROR_MS ? message : undefined;
}

function anotherBot(own: OwnWebhook, { botId }: Declared): Finding {
  return error(
    'another-bot',
    `The secret holds the token of bot ${own.botId}, but the stack is deployed for bot ${botId}.`,
    `Store the token of bot ${botId} again, or move the stack to bot ${own.botId}: npm run deploy`,
  );
}

/** Diagnoses why the token could not be read, or Telegram not be asked. */
function failed(failure: unknown, { resource }: Declared): Finding {
  const names = resourceNames(resource);
  const { what, fix } = explainError(failure, { ...names, tryAgain: 'deploy again.' });
  if (failure instanceof TokenUnavailableError) {
    if (failure.reason !== 'unreachable')
      return error('token-unusable', tokenProblems[failure.reason], fix);
    return {
      condition: 'secret-unreachable',
      severity: 'warning',
      cause: 'Secrets Manager fails or does not answer, so the webhook could not be checked.',
      fix: 'This usually resolves within minutes; see https://health.aws.amazon.com if it does not.',
    };
  }
  switch (classify(failure)?.kind) {
    case 'unauthorized':
      return error(
        'token-revoked',
        'Telegram does not know the token: it was revoked, or the bot was deleted.',
        fix,
      );
    case 'logged-out':
      return error('logged-out', 'The bot was moved to another Bot API server.', fix);
    default:
      return {
        condition: 'telegram-unreachable',
        severity: 'warning',
        cause: `The webhook could not be checked: ${quote(what)}`,
        fix: `Wait for the next check. If it lasts, make sure that ${names.server} is a Bot API server that answers.`,
      };
  }
}

const tokenProblems = {
  missing: 'The secret that holds the bot token does not exist, or is empty.',
  denied: 'The secret that holds the bot token may not be read, or no longer exists.',
  unusable: 'The secret does not hold a bot token.',
} as const;

/** Returns the parts of a report that show what was read. */
function viewOf(
  { own, current, me }: Observation,
  declared: Declared,
): Pick<WatchReport, 'bot' | 'webhook'> {
  const ours = current && own && isOurs(current.url, own) ? own : undefined;
  const { last_error_date: date, last_error_message: message } = current ?? {};
  return {
    ...(me && {
      bot: { id: me.id, username: me.username, name: me.first_name, switches: switchesOf(me) },
    }),
    ...(current && {
      webhook: {
        host: current.url && hostOf(current.url),
        isOurs: ours !== undefined,
        pendingUpdates: current.pending_update_count,
        ...(date &&
          message && {
            lastError: { at: new Date(date * 1000).toISOString(), message: quote(message) },
          }),
        differences: ours ? differencesOf(current, ours, declared) : [],
      },
    }),
  };
}

/** Returns a stack's name, from its id. */
export function stackName({ stackId }: Pick<Declared, 'stackId'>): string {
  return stackId.split('/')[1] ?? stackId;
}
