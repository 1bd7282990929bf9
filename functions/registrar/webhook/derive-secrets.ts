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
  /** SHA-256 of `path`, in hexadecimal. */
  readonly pathSha256: string;
  /** setWebhook's `secret_token`. */
  readonly secret: string;
  /** SHA-256 of `secret`, in hexadecimal. */
  readonly secretSha256: string;
}

/**
 * Derives the secrets of a webhook from the bot token. There is nothing to store, a new token brings new
 * secrets, and no two deployments share them, so a webhook's path also identifies its owner.
 */
export function deriveWebhookSecrets(token: string, registration: Registration): WebhookSecrets {
  const path = derive(token, 'webhook-path', registration);
  const secret = derive(token, 'webhook-secret', registration);
  return { path, pathSha256: sha256(path), secret, secretSha256: sha256(secret) };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function derive(token: string, purpose: string, { stackId, address }: Registration): string {
  // JSON keeps the parts apart: two different messages never become the same text.
  const message = JSON.stringify([purpose, stackId, address]);
  return createHmac('sha256', token).update(message).digest('base64url');
}

/**
 * Returns the webhook's URL, spelled as `getWebhookInfo` returns it.
 *
 * @param endpoint `https://<host>[:<port>][/<base path>]`
 */
export function webhookUrl(endpoint: string, path: string): string {
  return `${new URL(endpoint).href.replace(/\/+$/, '')}/${path}`;
}

/** Whether a webhook's URL ends with a registration's path, at whichever endpoint. */
export function hasPath(url: string, path: string): boolean {
  return url.endsWith(`/${path}`);
}

/** Whether a webhook's URL is an endpoint's with some secret path: the path changes with the token. */
export function isBelow(endpoint: string, url: string): boolean {
  const base = URL.canParse(endpoint) ? webhookUrl(endpoint, '') : undefined;
  return base !== undefined && url.startsWith(base) && !url.slice(base.length).includes('/');
}

/** The longest name in DNS, with a port. */
const LONGEST_HOST = 260;

/** Returns the only part of a webhook's URL that may be shown, because the path may be a secret. */
export function hostOf(url: string): string {
  const host = URL.canParse(url) ? new URL(url).host : '';
  return host && host.length <= LONGEST_HOST ? host : 'an unknown host';
}
