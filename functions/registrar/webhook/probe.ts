import { request } from 'node:https';
import { PROBE } from '../../contract.ts';
import { DeploymentError } from '../errors.ts';
import { type RetryDecision, type RetryOptions, retry } from '../retry/retry.ts';
import {
  ENDPOINT_SETTLING_MS,
  PROBE_MS,
  PROBE_TIMEOUT_MS,
  RECEIVER_CRASHING_MS,
} from '../retry/time-budget.ts';

export interface ProbeContext extends Omit<RetryOptions, 'policy'> {
  readonly post: typeof postUpdate;
}

/** Where a webhook's updates go, and what Telegram needs to deliver them. */
export interface ProbeTarget {
  readonly url: URL;
  /** Sent in the header that authenticates Telegram. */
  readonly secret: string;
  /** The address to connect to instead of the one in DNS. */
  readonly ipAddress?: string;
  /** PEM; trusted instead of the public certificate authorities. */
  readonly certificate?: Buffer;
  /** Base of the URL that a proxy in front of the endpoint has to forward to. */
  readonly behind?: string;
}

/**
 * Sends a probe along the path that Telegram will take (DNS, TLS, gateway, route, permission, receiver,
 * secret) before Telegram is pointed there, because setWebhook erases the old webhook first, and Telegram
 * keeps a failed look-up for 5 minutes.
 *
 * Like Telegram, the probe connects to a fixed `ipAddress` and trusts only a custom `certificate`.
 *
 * @throws DeploymentError that names the cause and the fix
 */
export async function probe(target: ProbeTarget, context: ProbeContext): Promise<void> {
  const deadline = Math.min(context.deadline, context.clock.now() + PROBE_MS);
  try {
    await retry(() => deliver(target, context.post), { ...context, deadline, policy });
  } catch (error) {
    if (error instanceof UndeliveredError) throw new DeploymentError(explanation(error, target));
    throw error;
  }
}

/** The probe did not arrive: the endpoint returned this status, or the connection failed with this code. */
class UndeliveredError extends Error {
  readonly status?: number;
  readonly code?: string;

  constructor({ status, code }: { status?: number; code?: string }) {
    super(`the probe got ${status ?? code}`);
    this.name = 'UndeliveredError';
    this.status = status;
    this.code = code;
  }
}

async function deliver(target: ProbeTarget, post: typeof postUpdate): Promise<void> {
  let status: number;
  try {
    status = await post(target, PROBE);
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    throw new UndeliveredError({ code: name === 'AbortError' ? 'timed out' : (code ?? name) });
  }
  if (status < 200 || status > 299) throw new UndeliveredError({ status });
}

function policy(error: unknown): RetryDecision {
  if (!(error instanceof UndeliveredError) || isRedirect(error.status)) return 'stop';
  if (isUnresolved(error.code)) return {};
  return { limitMs: (error.status ?? 0) >= 500 ? RECEIVER_CRASHING_MS : ENDPOINT_SETTLING_MS };
}

function explanation(
  { status, code }: UndeliveredError,
  { url, ipAddress, certificate, behind }: ProbeTarget,
): string {
  const unchanged = [
    behind && `Your proxy must forward to ${behind}/<secret path>.`,
    'The webhook was left unchanged.',
  ]
    .filter(Boolean)
    .join(' ');
  const at = ipAddress ? `${url.host} at ${ipAddress}` : url.host;
  if (status !== undefined) {
    return `The endpoint ${at} answered the probe with ${status}: ${meaning(status)} ${unchanged}`;
  }
  if (isUnresolved(code)) {
    return `The endpoint's host ${url.host} has no IPv4 address in DNS (${code}). Point it at the endpoint if the domain is your own: \`cdk deploy --no-rollback\` keeps the endpoint. Then deploy again. ${unchanged}`;
  }
  const hints = [
    'make sure that it is up and has a certificate for its name',
    certificate && 'that `certificate` is its certificate or that of the authority that signed it',
    ipAddress && 'that the host at `ipAddress` accepts connections from AWS',
  ].filter(Boolean);
  return `The endpoint ${at} could not be reached over HTTPS (${code}): ${hints.join(', ')}; then deploy again. ${unchanged}`;
}

function meaning(status: number): string {
  if (isRedirect(status)) return 'Telegram does not follow redirects. Respond without one.';
  if (status >= 500) {
    return (
      'the receiver crashes on load, times out, or may not be invoked. Run `npm start` to see a crash; ' +
      '`cdk deploy --no-rollback` keeps the log group of the receiver.'
    );
  }
  return (
    meanings[status] ??
    'a proxy or firewall in front of the receiver refused it. Find it, allow the request, and deploy again.'
  );
}

const meanings: Readonly<Record<number, string>> = {
  401: 'the receiver expects the webhook secret of another token. If the token changed during the deploy, deploy again.',
  403: 'the gateway or a firewall in front of it refused. Allow POST requests without a User-Agent, and deploy again.',
  404: 'the gateway has no such route. If the token changed during the deploy, deploy again.',
  429: 'the gateway throttles. Raise `throttle`, or what limits the function behind a Function URL, and deploy again.',
};

function isRedirect(status = 0): boolean {
  return status >= 300 && status < 400;
}

function isUnresolved(code: string | undefined): boolean {
  return code === 'ENOTFOUND' || code === 'EAI_AGAIN';
}

/**
 * Delivers one update the way Telegram does: over IPv4, without redirects, to the fixed address if there is
 * one, and trusting only the custom certificate if there is one. `fetch` can do neither of the last two, hence
 * `node:https`.
 *
 * @returns the HTTP status
 * @throws what `node:https` throws, with its `code`
 */
export function postUpdate(target: ProbeTarget, update: object): Promise<number> {
  const { url, secret, ipAddress, certificate } = target;
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
