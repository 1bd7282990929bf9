import { createHash, createHmac } from 'node:crypto';

/** Identifies one deployment of a bot among all others. */
export interface Registration {
  readonly stackId: string;
  /** `node.addr` of the `TelegramBot` construct. */
  readonly address: string;
}

export interface WebhookSecrets {
  /** The path of the webhook's URL, without a slash. */
  readonly path: string;
  /** setWebhook's `secret_token`. */
  readonly secret: string;
  /** SHA-256 of `secret`, in hexadecimal. */
  readonly secretSha256: string;
}

/**
 * Derives the secrets of a webhook from the bot token. There is nothing to store, a new token brings new
 * secrets, and no two deployments share them, so a webhook's URL also identifies its owner.
 */
export function deriveWebhookSecrets(token: string, registration: Registration): WebhookSecrets {
  const secret = derive(token, 'webhook-secret', registration);
  return {
    path: derive(token, 'webhook-path', registration),
    secret,
    secretSha256: createHash('sha256').update(secret).digest('hex'),
  };
}

function derive(token: string, purpose: string, { stackId, address }: Registration): string {
  // JSON keeps the parts apart: two different messages never become the same text.
  const message = JSON.stringify([purpose, stackId, address]);
  return createHmac('sha256', token).update(message).digest('base64url');
}

/** Returns the webhook's URL, spelled as `getWebhookInfo` returns it. */
export function webhookUrl(endpoint: string, path: string): string {
  return new URL(`/${path}`, endpoint).href;
}

/** The longest name in DNS, with a port. */
const LONGEST_HOST = 260;

/** Returns the only part of a webhook's URL that may be shown, because the path may be a secret. */
export function hostOf(url: string): string {
  const host = URL.canParse(url) ? new URL(url).host : '';
  return host && host.length <= LONGEST_HOST ? host : 'an unknown host';
}
