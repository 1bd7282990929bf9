import { isElsewhere } from './classify.ts';
import { TelegramRefusedError, TelegramUnreachableError } from './errors.ts';

/** The Bot API's answer to a call that succeeded. */
export interface Success<T> {
  readonly ok: true;
  readonly result: T;
  /** Only some methods add one: `Webhook was set`, `Webhook is already deleted`. */
  readonly description?: string;
}

/** The Bot API's answer to a call that failed. */
export interface Failure {
  readonly ok: false;
  readonly error_code: number;
  readonly description: string;
  readonly parameters?: {
    readonly migrate_to_chat_id?: unknown;
    readonly retry_after?: unknown;
  };
}

export type Answer<T> = Success<T> | Failure;

/**
 * Parses an HTTP response of the Bot API, and returns the call's result.
 *
 * @throws TelegramRefusedError when Telegram refused
 * @throws TelegramUnreachableError when the response is not the Bot API's: a proxy's HTML, a truncated body
 */
export function resultOf<T>(method: string, status: number, text: string): T {
  const answer = parse(text);
  if (isSuccess<T>(answer)) return answer.result;
  if (isFailure(answer)) {
    const { error_code, description, parameters } = answer;
    throw new TelegramRefusedError(method, error_code, description, {
      retryAfter: retryAfter(parameters?.retry_after),
      migrateToChatId: integer(parameters?.migrate_to_chat_id),
    });
  }
  throw new TelegramUnreachableError(method, notTheBotApi(status, text, answer), status);
}

/** The longest wait that is believed, in seconds: longer than anything that waits for it runs. */
const LONGEST_RETRY_AFTER = 3600;

/** Reads a wait in seconds. A caller that believed 0, a negative number or a text would retry without a pause. */
function retryAfter(value: unknown): number | undefined {
  const seconds = integer(value);
  return seconds && seconds > 0 ? Math.min(seconds, LONGEST_RETRY_AFTER) : undefined;
}

function integer(value: unknown): number | undefined {
  return Number.isInteger(value) ? (value as number) : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isSuccess<T>(answer: unknown): answer is Success<T> {
  const { ok, result } = (answer ?? {}) as Partial<Success<T>>;
  return ok === true && result !== undefined;
}

function isFailure(answer: unknown): answer is Failure {
  const { ok, error_code, description } = (answer ?? {}) as Partial<Failure>;
  return ok === false && Number.isInteger(error_code) && typeof description === 'string';
}

/** Describes a response without quoting it, because an error page may contain the requested URL. */
function notTheBotApi(status: number, text: string, answer: unknown): string {
  const cause = `HTTP ${status} came with ${kindOf(text, answer)}`;
  return isElsewhere(status) ? `${cause}; check the root of the Bot API` : cause;
}

function kindOf(text: string, answer: unknown): string {
  if (text === '') return 'an empty body';
  if (answer !== undefined) return 'JSON that is not a Bot API answer';
  return /^\s*</.test(text) ? 'an HTML page' : 'a body that is not JSON';
}
