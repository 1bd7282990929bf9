import { DeploymentError } from '../deploy-failure.ts';
import { type RetryDecision, type RetryOptions, retry } from '../retry/retry.ts';
import type { ProbeTarget, postUpdate } from './post-update.ts';

export interface ProbeContext extends Omit<RetryOptions, 'policy'> {
  readonly post: typeof postUpdate;
}

/** A new name takes its time to be known; what is left of the deadline belongs to setWebhook. */
export const PROBE_MS = 4 * 60_000;

/** New routes, certificates and firewalls settle within seconds, rarely within a minute. */
const SETTLING_MS = 60_000;

/** A new permission settles sooner, and a receiver that crashes as it loads never does. */
const CRASHING_MS = 20_000;

/** Carries nothing, so the receiver acknowledges it without showing it to the bot. */
const EMPTY_UPDATE = { update_id: 0 };

/**
 * Proves the way that Telegram will take (name, TLS, gateway, route, permission, receiver, secret) before
 * it is told to: setWebhook erases the old webhook first, and Telegram remembers a failed look-up for
 * 5 minutes.
 *
 * A fixed `ipAddress` is probed as such, and a `certificate` is all that is trusted, for so does Telegram.
 *
 * @throws DeployFailure that names the cause and the cure
 */
export async function probe(destination: ProbeTarget, context: ProbeContext): Promise<void> {
  const deadline = Math.min(context.deadline, context.clock.now() + PROBE_MS);
  try {
    await retry(() => deliver(destination, context.post), { ...context, deadline, policy: policy });
  } catch (error) {
    if (error instanceof UndeliveredError)
      throw new DeploymentError(explanation(error, destination));
    throw error;
  }
}

/** Why an update did not arrive: the status that came back, or the error before there was one. */
class UndeliveredError extends Error {
  readonly status?: number;
  readonly code?: string;

  constructor({ status, code }: { status?: number; code?: string }) {
    super(`the probe got ${status ?? code}`);
    this.name = 'Undelivered';
    this.status = status;
    this.code = code;
  }
}

async function deliver(destination: ProbeTarget, post: typeof postUpdate): Promise<void> {
  let status: number;
  try {
    status = await post(destination, EMPTY_UPDATE);
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    throw new UndeliveredError({ code: name === 'AbortError' ? 'a time-out' : (code ?? name) });
  }
  if (status < 200 || status > 299) throw new UndeliveredError({ status });
}

function policy(error: unknown): RetryDecision {
  if (!(error instanceof UndeliveredError) || isRedirect(error.status)) return 'stop';
  if (isUnresolved(error.code)) return {};
  return { limitMs: (error.status ?? 0) >= 500 ? CRASHING_MS : SETTLING_MS };
}

function explanation(
  { status, code }: UndeliveredError,
  { url, ipAddress, certificate }: ProbeTarget,
) {
  const standing = 'Telegram was not told of it: a former webhook still stands.';
  const at = ipAddress ? `${url.host} at ${ipAddress}` : url.host;
  if (status !== undefined) {
    return `The endpoint ${at} answered the probe with ${status}: ${meaning(status)} ${standing}`;
  }
  if (isUnresolved(code)) {
    return `The endpoint's host ${url.host} has no IPv4 address in DNS (${code}). Deploy again in some minutes. ${standing}`;
  }
  const hints = [
    'see that it is up and has a certificate for its name',
    certificate && 'that `certificate` is the one it shows, or the authority that signed it',
    ipAddress && 'that the host at `ipAddress` lets AWS in',
  ].filter(Boolean);
  return `The endpoint ${at} could not be reached by HTTPS (${code}): ${hints.join(', ')}; then deploy again. ${standing}`;
}

function meaning(status: number): string {
  if (isRedirect(status)) return 'Telegram follows no redirects. Make it answer itself.';
  if (status >= 500) {
    return (
      'the receiver crashes as it loads, times out, or may not be invoked. `npm start` shows a crash; ' +
      '`cdk deploy --no-rollback` keeps the log group of the receiver, which says the rest.'
    );
  }
  return (
    meanings[status] ?? 'something before the receiver refused it. Find out what, and deploy again.'
  );
}

const meanings: Readonly<Record<number, string>> = {
  401: 'the receiver expects the webhook secret of another token. If the token was changed meanwhile, deploy again.',
  403: 'the gateway or a firewall before it refused. Let POST requests without a User-Agent through, and deploy again.',
  404: 'the gateway has no such route. If the token was changed meanwhile, deploy again.',
  429: 'the gateway throttles. Raise `throttle` and deploy again.',
};

function isRedirect(status = 0): boolean {
  return status >= 300 && status < 400;
}

function isUnresolved(code: string | undefined): boolean {
  return code === 'ENOTFOUND' || code === 'EAI_AGAIN';
}
