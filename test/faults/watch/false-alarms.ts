import { TokenUnavailableError } from '../../../functions/bot-token/errors.ts';
import type { WatchEvent, WebhookProperties } from '../../../functions/contract.ts';
import {
  handleWatch,
  unhealthiness,
  type WatchServices,
} from '../../../functions/registrar/watch/watch.ts';
import {
  deriveWebhookSecrets,
  webhookUrl,
} from '../../../functions/registrar/webhook/derive-secrets.ts';
import { TelegramUnreachableError } from '../../../functions/telegram/errors.ts';
import type { CurrentWebhook } from '../../../functions/telegram/results.ts';
import { randomNumbers } from './message-delays.ts';
import { modelToken } from './model-stack.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const INTERVAL_MS = 5 * MINUTE_MS;
/** Telegram tries an update again after at most this long. */
const RETRY_MS = 2 * MINUTE_MS;

/** What goes wrong for a while, and passes. None of it needs a person. */
const trouble = ['deploy', 'endpoint', 'telegram', 'secrets', 'burst'] as const;

interface Trouble {
  readonly what: (typeof trouble)[number];
  readonly from: number;
  readonly to: number;
}

const stackId = 'arn:aws:cloudformation:us-east-1:123456789012:stack/a/1';
const address = 'address';
const { path, secretSha256 } = deriveWebhookSecrets(modelToken, { stackId, address });
const Endpoint = 'https://a.execute-api.us-east-1.amazonaws.com';
const properties: WebhookProperties = {
  TokenSecret: 'telegram/bot-token',
  ApiRoot: 'https://api.telegram.org',
  Address: address,
  Username: 'kit_bot',
  Endpoint,
  AllowedUpdates: [],
  MaxConnections: '40',
  DropPendingUpdates: 'false',
  ExistingWebhook: 'replace',
};

/**
 * Lives days of one bot, with a deploy and a few troubles a day that pass within three minutes, and returns how often the
 * alarm of the watch goes off.
 */
export async function countFalseAlarms(days: number, seed: number): Promise<number> {
  const random = randomNumbers(seed);
  let now = Date.UTC(2026, 0, 1);
  let alarms = 0;
  let previous = 0;
  for (let day = 0; day < days; day++) {
    const today = troublesOf(now, random);
    const end = now + DAY_MS;
    for (let scheduled = now; scheduled < end; scheduled += INTERVAL_MS) {
      now = Math.max(now, scheduled);
      const services = servicesOf(today, random, {
        now: () => now,
        sleep: (ms) => {
          now += ms;
        },
      });
      const ScheduledTime = new Date(scheduled).toISOString();
      const report = await handleWatch(watchEvent(ScheduledTime), 12 * MINUTE_MS, services);
      const value = report ? unhealthiness(report) : 0;
      if (value + previous >= 1) alarms += 1;
      previous = value;
    }
    now = end;
  }
  return alarms;
}

/** Returns the troubles of a day. They are apart, so that each has passed before the next one begins. */
function troublesOf(start: number, random: () => number): Trouble[] {
  const hours = Array.from({ length: 8 }, (_, index) => start + index * 3 * 60 * MINUTE_MS);
  return hours.map((hour, index) => {
    const what = trouble[index % trouble.length] as Trouble['what'];
    const from = hour + random() * 2 * 60 * MINUTE_MS;
    return { what, from, to: from + random() * 3 * MINUTE_MS };
  });
}

function servicesOf(
  today: readonly Trouble[],
  random: () => number,
  clock: { now(): number; sleep(ms: number): void },
): WatchServices {
  const during = (what: Trouble['what']) =>
    today.find((one) => one.what === what && clock.now() >= one.from && clock.now() < one.to);
  const nothing = () => {};
  const fail = (method: string) => {
    clock.sleep(10_000);
    throw new TelegramUnreachableError(method, 'no answer within 10 s');
  };
  return {
    readToken: async () => {
      if (during('secrets')) throw new TokenUnavailableError('unreachable', 'throttled');
      return modelToken;
    },
    botApi: () => ({
      getMe: () => Promise.reject(new Error('Not asked for')),
      getWebhookInfo: async () =>
        during('telegram') ? fail('getWebhookInfo') : info(today, clock.now()),
      setWebhook: async () => {
        throw new Error(`A healthy webhook was set again`);
      },
      call: () => Promise.reject(new Error('Not asked for')),
    }),
    post: async () => 200,
    invoke: () => Promise.reject(new Error('Not asked for')),
    describeStack: async () => ({
      status: during('deploy') ? 'UPDATE_IN_PROGRESS' : 'UPDATE_COMPLETE',
      updatedAt:
        today.findLast((one) => one.what === 'deploy' && one.from <= clock.now())?.from ?? 0,
    }),
    getObject: () => Promise.reject(new Error('Not asked for')),
    rations: new Map(),
    clock: { now: clock.now, sleep: async (ms) => clock.sleep(ms), random },
    log: { info: nothing, warn: nothing, error: nothing },
    writeMetric: nothing,
  };
}

/** Returns what Telegram shows: an error as long as an update that met it waits for its next attempt. */
function info(today: readonly Trouble[], now: number): CurrentWebhook {
  const has = (what: Trouble['what'], forMs = 0) =>
    today.find((one) => one.what === what && now >= one.from && now < one.to + forMs);
  const deploy = has('deploy');
  // For up to ten seconds in a deploy, setWebhook has erased the webhook and not yet set it.
  const isErased = deploy && now - deploy.from < 10_000;
  const outage = has('endpoint', RETRY_MS);
  const burst = has('burst');
  return {
    url: isErased ? '' : webhookUrl(Endpoint, path),
    has_custom_certificate: false,
    max_connections: 40,
    pending_update_count: burst ? 5000 : outage ? 20 : 1,
    ...(outage && {
      last_error_date: Math.floor(Math.min(now, outage.to) / 1000),
      last_error_message: 'Wrong response from the webhook: 500 Internal Server Error',
    }),
  };
}

function watchEvent(ScheduledTime: string): WatchEvent {
  return {
    RequestType: 'Watch',
    Purpose: 'watch',
    ScheduledTime,
    Repair: 'true',
    Metric: 'true',
    StackId: stackId,
    Bot: 'a/Bot',
    BotId: '7000000001',
    WebhookSecretSha256: secretSha256,
    ResourceProperties: properties,
  };
}
