import { isIP } from 'node:net';
import type { Update } from '@grammyjs/types';
import type { ExistingWebhook, WebhookProperties } from '../../contract.ts';
import { DeploymentError } from '../deploy-failure.ts';
import { pemCertificate } from './certificate.ts';
import { isPublicAddress } from './public-address.ts';

/** A webhook's settings, as setWebhook and the probe take them. */
export interface WebhookParameters {
  /** `https://<host>`, with the port if it is not 443. */
  readonly origin: string;
  readonly allowedUpdates: readonly Exclude<keyof Update, 'update_id'>[];
  readonly maxConnections: number;
  readonly ipAddress?: string;
  /** The PEM file. */
  readonly certificate?: Buffer<ArrayBuffer>;
  readonly dropPendingUpdates: boolean;
  readonly existingWebhook: ExistingWebhook;
}

/**
 * The settings that the properties describe.
 *
 * @throws DeployFailure for everything that Telegram would refuse. It erases the old webhook before it
 * looks at the new settings, so a refusal leaves the bot with none: better to refuse here.
 */
export function checkedSettings(properties: WebhookProperties): WebhookParameters {
  const { Endpoint, AllowedUpdates, MaxConnections, IpAddress, Certificate } = properties;
  const { DropPendingUpdates, ExistingWebhook } = properties;
  oneOf('dropPendingUpdates', DropPendingUpdates, ['true', 'false']);
  oneOf('existingWebhook', ExistingWebhook, ['replace', 'fail']);
  return {
    origin: httpsOrigin(Endpoint),
    // Names that Telegram does not know, it ignores.
    allowedUpdates: AllowedUpdates as WebhookParameters['allowedUpdates'],
    maxConnections: connections(MaxConnections),
    ipAddress: IpAddress === undefined ? undefined : publicAddress(IpAddress),
    certificate: Certificate === undefined ? undefined : pemCertificate(Certificate),
    dropPendingUpdates: DropPendingUpdates === 'true',
    existingWebhook: ExistingWebhook,
  };
}

/** Empty for 443, which a URL leaves out. */
const PORTS = ['', '80', '88', '8443'];

function httpsOrigin(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const isOrigin = url && url.href === `${url.origin}/`;
  if (!isOrigin || url.protocol !== 'https:' || !PORTS.includes(url.port)) {
    throw refused(
      'endpoint',
      'https://<host>, with nothing after it, on port 443, 80, 88 or 8443',
      endpoint,
    );
  }
  const address = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(address) && !isPublicAddress(address)) {
    throw refused('endpoint', 'a host name or a public IPv4 address', endpoint);
  }
  return url.origin;
}

function connections(value: string): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= 1 && number <= 100) return number;
  throw refused('maxConnections', 'a whole number from 1 to 100', value);
}

function publicAddress(value: string): string {
  if (isPublicAddress(value)) return value;
  const allowed = 'a public IPv4 address, or left out to have Telegram look the host up';
  throw refused('ipAddress', allowed, value);
}

function oneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) throw refused(name, allowed.join(' or '), value);
}

function refused(name: string, allowed: string, value: string): DeploymentError {
  return new DeploymentError(
    `${name} must be ${allowed}; got ${value}. Correct it and deploy again.`,
  );
}
