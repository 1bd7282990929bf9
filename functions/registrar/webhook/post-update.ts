import { request } from 'node:https';

/** Where a webhook's updates go, and what Telegram needs to bring them there. */
export interface ProbeTarget {
  readonly url: URL;
  /** Sent in the header that proves who calls. */
  readonly secret: string;
  /** Connected to in place of what DNS says. */
  readonly ipAddress?: string;
  /** PEM; trusted in place of the public authorities. */
  readonly certificate?: Buffer;
}

/** Longer than API Gateway waits for a function: its answer says more than our time-out. */
export const PROBE_TIMEOUT_MS = 35_000;

/**
 * Delivers one update the way Telegram does: IPv4, no redirects, to the fixed address if there is one, and
 * with a certificate of one's own trusting that alone. Not `fetch`, which takes neither of the latter.
 *
 * @returns the HTTP status
 * @throws what `node:https` throws, with its `code`
 */
export function postUpdate(destination: ProbeTarget, update: object): Promise<number> {
  const { url, secret, ipAddress, certificate } = destination;
  const body = JSON.stringify(update);
  return new Promise((resolve, reject) => {
    const delivery = request(
      url,
      {
        method: 'POST',
        agent: false,
        family: 4,
        ...(ipAddress && {
          lookup: (_host: string, _options: object, found: LookupCallback) =>
            found(null, ipAddress, 4),
        }),
        ca: certificate,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'x-telegram-bot-api-secret-token': secret,
        },
        signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
      },
      (response) => {
        response.destroy();
        resolve(response.statusCode ?? 0);
      },
    );
    delivery.on('error', reject);
    delivery.end(body);
  });
}

type LookupCallback = (error: null, address: string, family: number) => void;
