import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** The address that a webhook URL points to, as Telegram reads the URL. */
export interface WebhookAddress {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** Path and query, as sent. */
  readonly target: string;
}

const PORTS = [80, 88, 443, 8443];

/**
 * Parses a URL as Telegram does (tdlib, HttpUrl.cpp): one without a scheme counts as HTTPS. Returns
 * undefined when Telegram cannot read it.
 */
export function parseWebhookUrl(url: string): WebhookAddress | undefined {
  const scheme = /^([^:/?#@[\]]*):\/\//.exec(url);
  const protocol = scheme?.[1]?.toLowerCase() ?? 'https';
  if (protocol !== 'http' && protocol !== 'https') return undefined;
  const rest = scheme ? url.slice(scheme[0].length) : url;

  const end = rest.search(/[/?#]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  const target = end < 0 ? '' : rest.slice(end).trimEnd();
  const parts = /^(?:.*@)?(\[[\da-fA-F:.]+\]|[^:[\]@]+)(?::(\d+))?$/.exec(authority);
  const host = parts?.[1]?.toLowerCase() ?? '';
  const port = parts?.[2] === undefined ? undefined : Number(parts[2]);
  if (!isHost(host) || port === 0 || (port !== undefined && port > 65_535)) return undefined;

  return {
    secure: protocol === 'https',
    host,
    port: port ?? (protocol === 'https' ? 443 : 80),
    target: target.startsWith('/') ? target : `/${target}`,
  };
}

/**
 * Returns why Telegram would not deliver to the address, in its words; undefined when it would
 * (telegram-bot-api, WebhookActor.cpp).
 */
export function problemOfAddress(address: WebhookAddress): string | undefined {
  if (!address.secure) return 'An HTTPS URL must be provided for webhook';
  if (!PORTS.includes(address.port)) {
    return 'Webhook can be set up only on ports 80, 88, 443 or 8443';
  }
  return undefined;
}

/**
 * Returns why Telegram would not connect to the IP address, in its words; undefined when it would
 * (telegram-bot-api, WebhookActor.cpp).
 */
export function problemOfIp(ip: string): string | undefined {
  if (isIPv6(ip)) return 'IPv6-only addresses are not allowed';
  if (!isIPv4(ip)) return 'Invalid IP address specified';
  if (RESERVED.check(ip)) return `IP address ${ip} is reserved`;
  return undefined;
}

/** Returns the address of a host that is one itself, such as `1.2.3.4` or `[2001:db8::1]`. */
export function literalIp(host: string): string | undefined {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return isIPv4(bare) || isIPv6(bare) ? bare : undefined;
}

function isHost(host: string): boolean {
  if (host.startsWith('[')) return isIPv6(host.slice(1, -1));
  // The characters that RFC 3986 allows, and bare UTF-8, which Telegram turns into Punycode.
  return host !== '.' && /^(?:[a-z\d._!$,~*'();&+=-]|%[\da-f]{2}|[^\p{ASCII}])+$/u.test(host);
}

/** The networks that Telegram considers reserved (tdlib, IPAddress.cpp). */
const RESERVED = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  RESERVED.addSubnet(net, prefix);
}
