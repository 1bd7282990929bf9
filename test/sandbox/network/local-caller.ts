import type { IncomingMessage } from 'node:http';

/**
 * Returns the status that refuses a request which no process of the sandbox sends. A web page that a
 * browser shows on this machine can reach every local port, but it cannot choose its `Host`, and what it
 * posts carries its `Origin`, even if its own name resolves to 127.0.0.1.
 */
export function refusalOf(
  { headers }: IncomingMessage,
  isServed: (host: string) => boolean,
): 403 | 421 | undefined {
  if (headers.origin !== undefined) return 403;
  return isServed((headers.host ?? '').toLowerCase()) ? undefined : 421;
}
