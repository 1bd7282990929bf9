import { isLongerThan } from '../runtime/utf8.ts';

/** The largest response that Telegram accepts. It treats a larger one as a failed delivery. */
const MAX_BYTES = 1024 * 1024;

/** Telegram's method names, which it reads without regard to case. */
const METHOD_NAME = /^[a-z]+$/i;
/** Methods that return data, which nothing would read, or that cut the bot off from its updates. */
const FORBIDDEN = /^(get.*|setWebhook|deleteWebhook|logOut|close)$/i;

/** A bot returned a call that it may not return. The call is not executed, and the update is done. */
export class ForbiddenCallError extends Error {
  readonly method: string;

  constructor(method: string) {
    super(
      METHOD_NAME.test(method)
        ? `onUpdate may not return a call of ${method}: call the Bot API yourself for data, and leave the webhook to the deploy`
        : 'onUpdate returned a method that is not a name of letters',
    );
    this.name = 'ForbiddenCallError';
    this.method = METHOD_NAME.test(method) ? method : JSON.stringify(method.slice(0, 40));
  }
}

/**
 * Turns the value that a bot returned into the body of the response: a Bot API call as JSON, or undefined for
 * nothing.
 *
 * @throws ForbiddenCallError for a method that Telegram does not execute from a reply. The types forbid it too,
 *   but a method that comes from data passes them
 * @throws TypeError or RangeError for anything else, which Telegram would drop silently
 */
export function webhookReply(returned: unknown): string | undefined {
  if (returned === undefined || returned === null) return undefined;
  const { method } = returned as { method?: unknown };
  if (typeof method !== 'string') {
    throw new TypeError(
      `onUpdate returned ${kind(returned)}. Return one Bot API call, { method: 'sendMessage', ... }, or nothing.`,
    );
  }
  if (!METHOD_NAME.test(method) || FORBIDDEN.test(method)) throw new ForbiddenCallError(method);
  const body = JSON.stringify(returned);
  if (isLongerThan(MAX_BYTES, body)) {
    throw new RangeError(
      `onUpdate returned a call of ${Buffer.byteLength(body)} bytes; Telegram accepts at most ${MAX_BYTES}. Refer to large files by URL or file_id.`,
    );
  }
  return body;
}

/** A log line about a call that will never be executed. Its purpose is lost; only a person can tell why. */
export interface CallRefused {
  readonly event: 'call.refused';
  readonly updateId: number;
  readonly method: string;
  /** Telegram's error code; absent when the kit refused the call itself. */
  readonly code?: number;
  readonly description: string;
}

/** Describes a forbidden call for the log. */
export function forbiddenCall(updateId: number, error: ForbiddenCallError): CallRefused {
  const { method, message: description } = error;
  return { event: 'call.refused', updateId, method, description };
}

function kind(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object without a method' : `a ${typeof value}`;
}
