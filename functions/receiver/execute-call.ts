import type { BotApi } from '../telegram/client.ts';
import { TelegramRefusedError, TelegramUnreachableError } from '../telegram/errors.ts';

export interface CallContext {
  readonly updateId: number;
  /** Until an answer has to be given. */
  readonly remainingMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly log: (line: CallRefused) => void;
}

/** Telegram will never make this call: what it was for is lost, and only a person can tell why. */
export interface CallRefused {
  readonly event: 'call.refused';
  readonly updateId: number;
  readonly method: string;
  readonly code: number;
  readonly description: string;
}

/** Waits before the second and the third try, while Telegram is out of order. */
const OUTAGE_WAITS_MS = [500, 2000];

type Call = (method: string, parameters: object) => Promise<unknown>;

/**
 * Makes the Bot API call that a bot has returned, given as JSON with its `method`.
 *
 * A 429 is waited out as Telegram asks, if there is time; outages get two more tries. What Telegram
 * refuses for good (the bot was blocked, the chat is gone) is logged and done with: it would jam its
 * chat until it became a dead letter, and never succeed.
 *
 * @throws TelegramRefused or TelegramUnreachable when the update is to come again
 */
export async function executeCall(
  api: Pick<BotApi, 'call'>,
  json: string,
  { updateId, remainingMs, sleep, log }: CallContext,
): Promise<void> {
  const { method, ...parameters } = JSON.parse(json);
  const call = api.call.bind(api) as Call;
  for (let outages = 0; ; ) {
    try {
      await call(method, parameters);
      return;
    } catch (error) {
      if (isForGood(error)) {
        const { code, description } = error;
        log({ event: 'call.refused', updateId, method, code, description });
        return;
      }
      const wait =
        retryAfterMs(error) ?? (isOutage(error) ? OUTAGE_WAITS_MS[outages++] : undefined);
      if (wait === undefined || wait > remainingMs()) throw error;
      await sleep(wait);
    }
  }
}

/** Not the refusals of the token itself, which a deploy mends. */
function isForGood(error: unknown): error is TelegramRefusedError {
  if (!(error instanceof TelegramRefusedError)) return false;
  const { code, description } = error;
  if (code === 401 || (code === 404 && description === 'Not Found')) return false;
  return code >= 400 && code < 500 && code !== 429;
}

function retryAfterMs(error: unknown): number | undefined {
  const isTooMany = error instanceof TelegramRefusedError && error.code === 429;
  return isTooMany ? (error.retryAfter ?? 1) * 1000 : undefined;
}

function isOutage(error: unknown): boolean {
  return (
    error instanceof TelegramUnreachableError ||
    (error instanceof TelegramRefusedError && error.code >= 500)
  );
}
