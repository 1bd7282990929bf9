import { RetryDelays } from '../contract.ts';
import { inspectable, readProperty } from '../runtime/describe-error.ts';
import { classify } from '../telegram/classify.ts';
import { RetryLaterError } from './retry-later.ts';

/**
 * Decides how long a failed update waits.
 *
 * @param error what the bot threw
 * @param attempt the attempt that failed: 1 for the first
 * @returns whole seconds
 */
export function retryDelay(error: unknown, attempt: number): number {
  const delays = isOutage(error) ? RetryDelays.outage : RetryDelays.exception;
  const delay = delays[Math.min(attempt, delays.length) - 1] ?? delays[0];
  return Math.max(delay, requestedDelay(error));
}

function requestedDelay(error: unknown): number {
  if (error instanceof RetryLaterError) return error.seconds;
  const failure = classify(error);
  return failure?.kind === 'rate-limited' ? Math.ceil(failure.retryAfterMs / 1000) : 0;
}

/** Codes of Node and of undici, its HTTP client, for a network or a service that does not answer. */
const NETWORK_CODE =
  /^(E(CONN(REFUSED|RESET|ABORTED)|PIPE|TIMEDOUT|AI_AGAIN|(HOST|NET)(UNREACH|DOWN))|ENOTFOUND|UND_ERR_(CONNECT_TIMEOUT|HEADERS_TIMEOUT|BODY_TIMEOUT|SOCKET))$/;
const TIMEOUT_NAME =
  /^(TimeoutError|ThrottlingException|TooManyRequestsException|ServiceUnavailable)/;

/** How many causes deep an error is searched. */
const MAX_DEPTH = 5;

/**
 * Whether an error says that Telegram, the network or another service is unavailable, rather than that the bot has a
 * bug: by `classify`, by error codes, and by the HTTP status that clients put into their errors, also in a cause.
 */
function isOutage(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > MAX_DEPTH) return false;
  if (error instanceof RetryLaterError) return true;
  const kind = classify(error)?.kind;
  // A revoked token and a wrong API root last until the next deploy.
  if (kind !== undefined) return kind !== 'rejected';
  const code = readProperty(error, 'code');
  if (typeof code === 'string' && NETWORK_CODE.test(code)) return true;
  const name = readProperty(error, 'name');
  if (typeof name === 'string' && TIMEOUT_NAME.test(name)) return true;
  if (STATUSES.some((path) => isUnavailable(statusAt(error, path)))) return true;
  // grammY's HttpError keeps the underlying error in `error`.
  return ['cause', 'error'].some((key) =>
    isOutage(inspectable(readProperty(error, key)), depth + 1),
  );
}

/** Where HTTP clients put the status: ofetch and ky, axios, grammY, and the AWS SDK. */
const STATUSES = [
  ['status'],
  ['statusCode'],
  ['error_code'],
  ['response', 'status'],
  ['$metadata', 'httpStatusCode'],
] as const;

function statusAt(error: object, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? readProperty(value, key) : undefined,
    error,
  );
}

function isUnavailable(status: unknown): boolean {
  return typeof status === 'number' && (status === 429 || (status >= 500 && status < 600));
}
