import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Sent with every response. */
export const SECURITY_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "media-src 'self' blob:",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

/**
 * Returns the status that refuses a request which the page itself does not send. Any web page in a browser on this machine
 * can send requests to every local port. It cannot choose their `Host`, even if its own name resolves to 127.0.0.1, and
 * the browser names where they come from.
 */
export function refusedBecauseOf(
  { headers }: IncomingMessage,
  port: number,
): 403 | 421 | undefined {
  const { host = '', origin } = headers;
  if (![`127.0.0.1:${port}`, `localhost:${port}`].includes(host.toLowerCase())) return 421;
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) return 403;
  const site = headers['sec-fetch-site'] ?? 'none';
  return site === 'same-origin' || site === 'none' ? undefined : 403;
}

/** Compares in constant time: how long it takes must not tell how much of the token is right. */
export function isSameToken(given: string, token: string): boolean {
  return timingSafeEqual(hashOf(given), hashOf(token));
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
