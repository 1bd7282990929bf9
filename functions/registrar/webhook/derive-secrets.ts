import { createHash, createHmac } from 'node:crypto';

/** What makes a deployment of a bot unlike any other. */
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
 * The secrets of a webhook, derived from the bot token: nothing to store, a new token brings new ones,
 * and no two deployments share them, so a webhook's URL also tells whose it is.
 */
export function deriveWebhookSecrets(token: string, registration: Registration): WebhookSecrets {
  const secret = derive(token, 'webhook-secret', registration);
  return {
    path: derive(token, 'webhook-path', registration),
    secret,
    secretSha256: createHash('sha256').update(secret).digest('hex'),
  };
}

/** The URL that Telegram is given, spelled the way Telegram will repeat it. */
export function webhookUrl(endpoint: string, path: string): string {
  return new URL(`/${path}`, endpoint).href;
}

function derive(token: string, purpose: string, { stackId, address }: Registration): string {
  // As JSON, no two messages can run together into the same text.
  const message = JSON.stringify([purpose, stackId, address]);
  return createHmac('sha256', token).update(message).digest('base64url');
}
