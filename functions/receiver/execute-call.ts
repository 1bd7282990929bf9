import { classify } from '../telegram/classify.ts';
import type { BotApi } from '../telegram/client.ts';
import { TelegramRefusedError } from '../telegram/errors.ts';
import type { CallRefused } from './webhook-reply.ts';

export interface CallContext {
  readonly updateId: number;
  /** How long until a response must be sent. */
  readonly remainingMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly log: (line: CallRefused) => void;
}

/** How long to wait before the second and the third try while Telegram is unavailable. */
const OUTAGE_WAITS_MS = [500, 2000];

type Call = (method: string, parameters: object) => Promise<unknown>;

/**
 * Executes the Bot API call that a bot has returned, given as JSON with its `method`.
 *
 * Waits out a 429 as Telegram asks, if there is time; an outage gets two more tries. A call that Telegram
 * refuses for good (the bot was blocked, the chat is gone) is logged and counts as done: it would block its
 * chat until it became a dead letter, and never succeed.
 *
 * @throws TelegramRefusedError or TelegramUnreachableError when the update must be delivered again
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
      if (isFinal(error)) {
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

/** Whether Telegram refused the call itself. A refusal of the token is not final: the next deploy fixes it. */
function isFinal(error: unknown): error is TelegramRefusedError {
  const kind = classify(error)?.kind;
  const isRefusal =
    kind !== undefined && !['rate-limited', 'unavailable', 'unauthorized'].includes(kind);
  return isRefusal && error instanceof TelegramRefusedError;
}

function retryAfterMs(error: unknown): number | undefined {
  const failure = classify(error);
  return failure?.kind === 'rate-limited' ? failure.retryAfterMs : undefined;
}

function isOutage(error: unknown): boolean {
  const kind = classify(error)?.kind;
  return kind === 'unavailable' || kind === 'not-the-bot-api';
}
