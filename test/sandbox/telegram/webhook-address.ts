import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Where a webhook URL points to, in Telegram's own reading of it. */
export interface WebhookAddress {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** Path and query as they are sent. */
  readonly target: string;
}

const PORTS = [80, 88, 443, 8443];

/** Undefined when Telegram cannot read it. A URL without a scheme is taken for HTTPS. */
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

/** Why Telegram would not deliver there, in its words. */
export function problemOfAddress(address: WebhookAddress): string | undefined {
  if (!address.secure) return 'An HTTPS URL must be provided for webhook';
  if (!PORTS.includes(address.port)) {
    return 'Webhook can be set up only on ports 80, 88, 443 or 8443';
  }
  return undefined;
}

/** Why Telegram would not connect to that IP address, in its words. */
export function problemOfIp(ip: string): string | undefined {
  if (isIPv6(ip)) return 'IPv6-only addresses are not allowed';
  if (!isIPv4(ip)) return 'Invalid IP address specified';
  if (RESERVED.check(ip)) return `IP address ${ip} is reserved`;
  return undefined;
}

/** The addresses a host name stands for by itself: `1.2.3.4`, `[2001:db8::1]`. */
export function literalIp(host: string): string | undefined {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return isIPv4(bare) || isIPv6(bare) ? bare : undefined;
}

function isHost(host: string): boolean {
  if (host.startsWith('[')) return isIPv6(host.slice(1, -1));
  // What RFC 3986 allows in a name, and bare UTF-8, which Telegram turns into Punycode.
  return host !== '.' && /^(?:[a-z\d._!$,~*'();&+=-]|%[\da-f]{2}|[^\p{ASCII}])+$/u.test(host);
}

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
