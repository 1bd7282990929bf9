import type { WatchEvent, WatchReport } from '../../../../functions/contract.ts';
import type { WatchServices } from '../../../../functions/registrar/watch/watch.ts';
import { handleWatch } from '../../../../functions/registrar/watch/watch.ts';
import { deriveWebhookSecrets } from '../../../../functions/registrar/webhook/derive-secrets.ts';
import type { CurrentWebhook } from '../../../../functions/telegram/results.ts';
import {
  botId,
  type Fakes,
  makeFakes,
  properties,
  stackId,
  TWELVE_MINUTES,
  urlOf,
} from '../fakes.ts';

/** A deployed bot whose webhook is as declared, and Telegram's view of it, for a test to change. */
export function makeDeployed() {
  const fakes = makeFakes();
  fakes.status = () => 'UPDATE_COMPLETE';
  const webhook: CurrentWebhook = {
    url: urlOf(fakes.token),
    has_custom_certificate: false,
    pending_update_count: 0,
    max_connections: 40,
  };
  const metrics: string[] = [];
  const deployed = Object.assign(fakes, { webhook, metrics });
  const { telegram } = fakes;
  telegram.url = webhook.url;
  // Telegram forgets the settings of a webhook that is replaced.
  const info = telegram.getWebhookInfo.bind(telegram);
  telegram.getWebhookInfo = async () => {
    const { url } = await info();
    const isSet = telegram.set.length > 0;
    return { ...(isSet ? { ...webhook, ...AS_DECLARED } : deployed.webhook), url };
  };
  return deployed;
}

const AS_DECLARED = {
  max_connections: 40,
  allowed_updates: undefined,
  has_custom_certificate: false,
  last_error_date: undefined,
  last_error_message: undefined,
};

export type Deployed = ReturnType<typeof makeDeployed>;

/** Changes what getWebhookInfo returns. */
export function show(deployed: Deployed, changes: Partial<CurrentWebhook>): void {
  Object.assign(deployed.webhook, changes);
  if (changes.url !== undefined) deployed.telegram.url = changes.url;
}

/** Shows a failed delivery. */
export function showError(deployed: Deployed, message: string, secondsAgo = 30, pending = 1): void {
  show(deployed, {
    last_error_date: Math.floor(deployed.clock.now() / 1000) - secondsAgo,
    last_error_message: message,
    pending_update_count: pending,
  });
}

export function watchEvent(fakes: Fakes, changes: Partial<WatchEvent> = {}): WatchEvent {
  const { secretSha256 } = deriveWebhookSecrets(fakes.token, {
    stackId,
    address: properties.Address,
  });
  return {
    RequestType: 'Watch',
    Purpose: 'watch',
    ScheduledTime: new Date(fakes.clock.now()).toISOString(),
    Repair: 'true',
    Metric: 'true',
    StackId: stackId,
    Bot: 'bot-dev/Bot',
    BotId: botId,
    WebhookSecretSha256: secretSha256,
    ResourceProperties: properties,
    ...changes,
  };
}

/** Checks the webhook, and returns the report. */
export async function check(
  deployed: Deployed,
  changes: Partial<WatchEvent> = {},
): Promise<WatchReport> {
  const report = await sendCheck(deployed, watchEvent(deployed, changes));
  if (!report) throw new Error('The event was dropped');
  return report;
}

export function sendCheck(deployed: Deployed, event: WatchEvent) {
  const services: WatchServices = {
    ...deployed.services,
    writeMetric: (line) => void deployed.metrics.push(line),
  };
  return handleWatch(event, TWELVE_MINUTES, services);
}
