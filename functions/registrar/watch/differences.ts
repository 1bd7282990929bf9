import type { SettingDifference } from '../../contract.ts';
import type { CurrentWebhook } from '../../telegram/results.ts';
import { hostOf } from '../webhook/derive-secrets.ts';
import type { Declared, OwnWebhook } from './observe.ts';

/** Whether a webhook belongs to this registration: no other one has its path, whatever the host and the base path. */
export function isOurs(url: string, { path }: OwnWebhook): boolean {
  return url.endsWith(`/${path}`);
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
  if (current.url !== own.url) compare('endpoint', hostOf(own.url), hostOf(current.url));
  const actualConnections = current.max_connections ?? maxConnections;
  compare('maxConnections', String(maxConnections), String(actualConnections));
  compare('allowedUpdates', names(allowedUpdates), names(current.allowed_updates ?? []));
  if (ipAddress) compare('ipAddress', ipAddress, current.ip_address ?? ipAddress);
  compare('certificate', custom(certificate !== undefined), custom(current.has_custom_certificate));
  return differences;
}

/** Telegram names no types when they are its default set. The schedule does the same. */
function names(types: readonly string[]): string {
  return types.length > 0 ? [...new Set(types)].sort().join(', ') : "Telegram's default set";
}

function custom(isCustom: boolean): string {
  return isCustom ? 'custom' : 'public authorities';
}
