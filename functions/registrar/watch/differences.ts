import type { SettingDifference } from '../../contract.ts';
import type { CurrentWebhook } from '../../telegram/results.ts';
import { hostOf } from '../webhook/derive-secrets.ts';
import type { Declared, OwnWebhook } from './observe.ts';

/** Whether a webhook belongs to this registration: no other one has its path, whatever the host and the base path. */
export function isOurs(url: string, { path }: OwnWebhook): boolean {
  return URL.canParse(url) && new URL(url).pathname.endsWith(`/${path}`);
}

/**
 * Returns how a webhook of ours differs from what is declared. What getWebhookInfo leaves out cannot differ: the
 * secret, and an address that is not fixed.
 */
export function differencesOf(
  current: CurrentWebhook,
  own: OwnWebhook,
  { webhook }: Declared,
): SettingDifference[] {
  const { maxConnections, ipAddress, certificate, allowedUpdates } = webhook;
  const differences: SettingDifference[] = [];
  const compare = (setting: string, declared: string, actual: string) => {
    if (declared !== actual) differences.push({ setting, declared, actual });
  };
  compare('endpoint', baseOf(own.url, own), baseOf(current.url, own));
  const actualConnections = current.max_connections ?? maxConnections;
  compare('maxConnections', String(maxConnections), String(actualConnections));
  compare('allowedUpdates', names(allowedUpdates), names(current.allowed_updates ?? []));
  if (ipAddress) compare('ipAddress', ipAddress, current.ip_address ?? ipAddress);
  compare('certificate', custom(certificate !== undefined), custom(current.has_custom_certificate));
  return differences;
}

/** Returns the host of a webhook of ours and its base path, which is no secret. */
function baseOf(url: string, { path }: OwnWebhook): string {
  return hostOf(url) + new URL(url).pathname.slice(0, -path.length - 1);
}

/** Telegram names no types when they are its default set. The schedule does the same. */
function names(types: readonly string[]): string {
  return types.length > 0 ? [...new Set(types)].sort().join(', ') : "Telegram's default set";
}

function custom(isCustom: boolean): string {
  return isCustom ? 'custom' : 'public authorities';
}
