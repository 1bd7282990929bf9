import { X509Certificate } from 'node:crypto';
import { BlockList, isIP, isIPv4 } from 'node:net';
import type { Update as TelegramUpdate } from '@grammyjs/types';
import { type ExistingWebhook, RESERVED_NETWORKS, type WebhookProperties } from '../../contract.ts';
import {
  type BotParameters,
  parseBotProperties,
  parseEnvironment,
  parseTokenReader,
} from '../bot/identify.ts';
import { DeploymentError } from '../errors.ts';
import { type Delete, type Described, requireList, requireStrings } from '../event.ts';

/** A webhook to register, in the types that setWebhook and the probe take. */
export interface WebhookParameters extends BotParameters {
  /** `https://<host>[/<base path>]`, with the port if it is not 443. */
  readonly endpoint: string;
  /** Base of the URL that a proxy at the endpoint forwards to. Only for people. */
  readonly behind?: string;
  readonly allowedUpdates: readonly Exclude<keyof TelegramUpdate, 'update_id'>[];
  readonly maxConnections: number;
  readonly ipAddress?: string;
  /** The PEM file. */
  readonly certificate?: Buffer<ArrayBuffer>;
  readonly dropPendingUpdates: boolean;
  readonly existingWebhook: ExistingWebhook;
}

/**
 * Parses the properties of a webhook, and validates everything that Telegram would refuse. setWebhook erases
 * the old webhook before it validates, so Telegram's refusal would leave the bot without one.
 *
 * @throws DeploymentError that names the property, the allowed values and the fix
 */
export function parseWebhookProperties(event: Described): WebhookParameters {
  const bot = parseBotProperties(event);
  const { Endpoint, MaxConnections, DropPendingUpdates, ExistingWebhook } = requireStrings(event, [
    'Endpoint',
    'MaxConnections',
    'DropPendingUpdates',
    'ExistingWebhook',
  ] satisfies (keyof WebhookProperties)[]);
  const allowedUpdates = requireList(event, 'AllowedUpdates' satisfies keyof WebhookProperties);
  const { Behind, IpAddress, Certificate } = event.ResourceProperties;
  return {
    ...bot,
    endpoint: baseUrl(Endpoint),
    behind: Behind === undefined ? undefined : String(Behind),
    // Not checked, because Telegram ignores names that it does not know.
    allowedUpdates: allowedUpdates as WebhookParameters['allowedUpdates'],
    maxConnections: connections(MaxConnections),
    ipAddress: IpAddress === undefined ? undefined : publicAddress(String(IpAddress)),
    certificate: Certificate === undefined ? undefined : pemCertificate(String(Certificate)),
    dropPendingUpdates:
      oneOf('dropPendingUpdates', DropPendingUpdates, ['true', 'false']) === 'true',
    existingWebhook: oneOf('existingWebhook', ExistingWebhook, ['replace', 'fail']),
  };
}

/**
 * Parses the properties of a webhook that is being deleted. Returns undefined if they are incomplete, because a
 * registration that never succeeded must not block a destroy. The endpoint is not among them: after a failed update
 * it may be either the previous one or the new one.
 */
export function parseRegistration(event: Delete): BotParameters | undefined {
  const { StackId, ResourceProperties } = event;
  const { TokenSecret, ApiRoot, Address } = ResourceProperties;
  const values = [TokenSecret, ApiRoot, Address];
  const [tokenSecret, apiRoot, address] = values.map((value) =>
    typeof value === 'string' ? value : '',
  );
  if (!tokenSecret || !apiRoot || !address) return undefined;
  const registration = { stackId: StackId, address };
  return {
    tokenSecret,
    tokenReader: parseTokenReader(event),
    apiRoot,
    environment: parseEnvironment(event),
    registration,
  };
}

/** Telegram's ports; empty for 443, which a URL leaves out. */
const PORTS = ['', '80', '88', '8443'];

function baseUrl(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const isBase = url && url.href === `${url.origin}${url.pathname}`;
  if (!isBase || url.protocol !== 'https:' || !PORTS.includes(url.port)) {
    throw invalid(
      'endpoint',
      'https://<host>, or https://<host>/<base path>, on port 443, 80, 88 or 8443',
      endpoint,
    );
  }
  const address = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(address) && !isPublicAddress(address)) {
    throw invalid('endpoint', 'a host name or a public IPv4 address', endpoint);
  }
  return url.href.replace(/\/+$/, '');
}

function connections(value: string): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= 1 && number <= 100) return number;
  throw invalid('maxConnections', 'a whole number from 1 to 100', value);
}

function publicAddress(value: string): string {
  if (isPublicAddress(value)) return value;
  const allowed = 'a public IPv4 address, or omitted so that Telegram uses DNS';
  throw invalid('ipAddress', allowed, value);
}

const reserved = new BlockList();
for (const [network, prefix] of RESERVED_NETWORKS) reserved.addSubnet(network, prefix);

/** Whether Telegram would connect to this address: IPv4, and not reserved. */
function isPublicAddress(address: string): boolean {
  return isIPv4(address) && !reserved.check(address);
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw invalid(name, allowed.join(' or '), value);
  return found;
}

function invalid(name: string, allowed: string, value: string): DeploymentError {
  return new DeploymentError(
    `${name} must be ${allowed}; got ${value.slice(0, 100)}. Correct it and deploy again.`,
  );
}

/** Telegram's limit for a certificate. */
const MAX_CERTIFICATE_BYTES = 3 * 1024 * 1024;

/**
 * Decodes a PEM certificate, and validates it: Telegram itself checks only the size, and deliveries would fail
 * later.
 */
function pemCertificate(base64: string): Buffer<ArrayBuffer> {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length === 0) throw invalidCertificate('is empty');
  if (bytes.length > MAX_CERTIFICATE_BYTES) {
    throw invalidCertificate(
      `has ${bytes.length} bytes, and Telegram accepts at most ${MAX_CERTIFICATE_BYTES}`,
    );
  }
  const text = bytes.toString('latin1');
  if (text.includes('PRIVATE KEY')) {
    throw invalidCertificate('contains a private key, which must never leave your machine');
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----') || !isReadable(bytes)) {
    throw invalidCertificate('is not a certificate in PEM format');
  }
  return bytes;
}

function isReadable(pem: Buffer): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}

function invalidCertificate(problem: string): DeploymentError {
  return new DeploymentError(
    `certificate ${problem}. Give the path of a file with only the public certificate, which begins ` +
      'with -----BEGIN CERTIFICATE-----, and deploy again.',
  );
}
