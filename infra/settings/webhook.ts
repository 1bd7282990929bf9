import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { BlockList, isIPv4 } from 'node:net';
import { resolve } from 'node:path';
import { Token } from 'aws-cdk-lib';
import {
  type ExistingWebhook,
  RESERVED_NETWORKS,
  type WebhookProperties,
} from '../../functions/contract.ts';
import { checkOneOf, checkWholeNumber } from './checks.ts';
import { allUpdateTypes, type UpdateType } from './update-types.ts';

/**
 * The parameters of `setWebhook` except `url` and `secret_token`, which the kit sets; and what to do about an
 * existing webhook.
 */
export interface WebhookSettings {
  /**
   * The types of update that the bot receives.
   *
   * List `chat_member`, `message_reaction` and `message_reaction_count` to receive them: they are not in
   * Telegram's default set. An empty list also means the default set.
   *
   * @default - Telegram's default set, including types that Telegram adds later
   */
  readonly allowedUpdates?: readonly UpdateType[];

  /**
   * How many updates Telegram may deliver concurrently, 1 to 100. Each can start a Lambda execution environment:
   * lower it to protect the services that the bot calls, raise it for a busy bot.
   *
   * @default 40
   */
  readonly maxConnections?: number;

  /**
   * A fixed public IPv4 address that Telegram connects to instead of using DNS. API Gateway changes its addresses
   * at any time, so omit this unless you run a proxy in front of it.
   *
   * @default - Telegram uses DNS
   */
  readonly ipAddress?: string;

  /**
   * Path of a PEM file with the public certificate that Telegram should trust, relative to the folder that the
   * CDK runs in. Only a proxy with a self-signed certificate needs it; API Gateway's is trusted without it.
   *
   * @default - Telegram trusts the public certificate authorities
   */
  readonly certificate?: string;

  /**
   * Whether the first deploy drops the updates that Telegram holds for the bot. Later deploys never drop
   * anything. A renamed construct counts as a first deploy.
   *
   * @default false
   */
  readonly dropPendingUpdates?: boolean;

  /**
   * What the first deploy does when the bot already delivers elsewhere: `replace` takes the bot over and reports
   * the host that it replaced, `fail` leaves the webhook unchanged and fails the deploy.
   *
   * @default 'replace'
   */
  readonly existingWebhook?: ExistingWebhook;
}

type WebhookSettingProperties = Pick<
  WebhookProperties,
  | 'AllowedUpdates'
  | 'MaxConnections'
  | 'IpAddress'
  | 'Certificate'
  | 'DropPendingUpdates'
  | 'ExistingWebhook'
>;

/**
 * Turns the settings into properties for the registrar, each with an explicit value.
 *
 * @throws Error for a value that Telegram would refuse or ignore. setWebhook erases the old webhook before it
 * validates, so the settings must be right before the deploy begins.
 */
export function toWebhookProperties(settings: WebhookSettings): WebhookSettingProperties {
  const {
    allowedUpdates = [],
    maxConnections = 40,
    ipAddress,
    certificate,
    dropPendingUpdates = false,
    existingWebhook = 'replace',
  } = settings;
  for (const type of allowedUpdates) checkOneOf('allowedUpdates', type, allUpdateTypes);
  checkOneOf('existingWebhook', existingWebhook, ['replace', 'fail']);
  checkOneOf('dropPendingUpdates', dropPendingUpdates, [true, false]);
  checkWholeNumber('maxConnections', maxConnections, { min: 1, max: 100 });
  if (ipAddress !== undefined) checkIpAddress(ipAddress);
  return {
    AllowedUpdates: allowedUpdates,
    MaxConnections: String(maxConnections),
    IpAddress: ipAddress,
    Certificate: certificate === undefined ? undefined : readCertificate(certificate),
    DropPendingUpdates: dropPendingUpdates ? 'true' : 'false',
    ExistingWebhook: existingWebhook,
  };
}

const reserved = new BlockList();
for (const [network, prefix] of RESERVED_NETWORKS) reserved.addSubnet(network, prefix);

function checkIpAddress(value: string): void {
  if (Token.isUnresolved(value)) return;
  if (!isIPv4(value) || reserved.check(value)) {
    throw new Error(
      `ipAddress must be a public IPv4 address, got ${value}; omit it so that Telegram uses DNS`,
    );
  }
}

/** The largest certificate allowed. It has a few KiB; CloudFormation passes 256 KiB to a custom resource. */
const maxCertificateBytes = 64 * 1024;

function readCertificate(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    throw new Error(
      `certificate must be the path of a PEM file, but ${resolve(path)} cannot be read`,
    );
  }
  const text = bytes.toString('latin1');
  if (/PRIVATE KEY/.test(text)) {
    throw new Error(
      `certificate ${path} contains a private key: name a file with only the certificate`,
    );
  }
  if (!/-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(text)) {
    throw new Error(
      `certificate ${path} is not PEM (-----BEGIN CERTIFICATE-----); convert it with ` +
        'openssl x509 -inform der -in certificate.der -out certificate.pem',
    );
  }
  if (bytes.length > maxCertificateBytes) {
    throw new Error(
      `certificate ${path} must be at most ${maxCertificateBytes} bytes, got ${bytes.length}: ` +
        'keep only the certificate that Telegram should trust',
    );
  }
  if (!isReadable(bytes)) {
    throw new Error(
      `certificate ${path} is damaged, or -----BEGIN CERTIFICATE----- does not start a line: inspect it with ` +
        `openssl x509 -noout -text -in ${path}`,
    );
  }
  return bytes.toString('base64');
}

function isReadable(pem: Buffer): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}
