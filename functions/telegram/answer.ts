import { TelegramRefusedError, TelegramUnreachableError } from './errors.ts';

/** What the Bot API answers when it did what was asked. */
export interface Success<T> {
  readonly ok: true;
  readonly result: T;
  /** Only some methods say more: `Webhook was set`, `Webhook is already deleted`. */
  readonly description?: string;
}

/** What the Bot API answers when it did not. */
export interface Failure {
  readonly ok: false;
  readonly error_code: number;
  readonly description: string;
  readonly parameters?: {
    readonly migrate_to_chat_id?: number;
    readonly retry_after?: number;
  };
}

export type Answer<T> = Success<T> | Failure;

/**
 * The result that an HTTP answer holds.
 *
 * @throws TelegramRefused when Telegram said no
 * @throws TelegramUnreachable when the answer is not the Bot API's: a proxy's HTML, half of a body
 */
export function resultOf<T>(method: string, status: number, text: string): T {
  const answer = parse(text);
  if (isSuccess<T>(answer)) return answer.result;
  if (isFailure(answer)) {
    const { error_code, description, parameters } = answer;
    throw new TelegramRefusedError(method, error_code, description, {
      retryAfter: parameters?.retry_after,
      migrateToChatId: parameters?.migrate_to_chat_id,
    });
  }
  throw new TelegramUnreachableError(method, notTheBotApi(status, text, answer), status);
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

/** The body itself stays out: an error page may quote the URL that was asked for. */
function notTheBotApi(status: number, text: string, answer: unknown): string {
  const cause = `HTTP ${status} came with ${kindOf(text, answer)}`;
  const isWrongPlace = status >= 300 && status < 500;
  return isWrongPlace ? `${cause}; is the root of the Bot API right?` : cause;
}

function kindOf(text: string, answer: unknown): string {
  if (text === '') return 'an empty body';
  if (answer !== undefined) return 'JSON that is no Bot API answer';
  return /^\s*</.test(text) ? 'an HTML page' : 'a body that is not JSON';
}
