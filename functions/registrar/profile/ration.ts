import { classify } from '../../telegram/classify.ts';
import { TelegramRefusedError } from '../../telegram/errors.ts';
import { checkConfirmation } from '../../telegram/results.ts';
import { ProfileError } from '../errors.ts';
import { telegramRetryPolicy } from '../retry/policy.ts';
import { type RetryPolicy, retry } from '../retry/retry.ts';
import { RATION_MS } from '../retry/time-budget.ts';
import type { AnyMethod, RequestContext } from '../services.ts';

/** The bot whose profile is set. */
export interface ProfileOwner {
  readonly botId: string;
  readonly api: AnyMethod;
}

/** What became of a profile, by the names of its settings. */
export interface Applied {
  readonly written: string[];
  /** No longer declared and changed by another process; or out of reach, and declared as before. */
  readonly left: string[];
  /** Not yet as declared, because Telegram rations the method; until when, in milliseconds since the epoch. */
  readonly postponed: { readonly setting: string; readonly until: number }[];
}

export function nothingApplied(): Applied {
  return { written: [], left: [], postponed: [] };
}

type Rest = { readonly [Name in 'left' | 'postponed']: Readonly<Applied[Name]> };

/** Says what was not done, and why; undefined if there is nothing to say. */
export function explainRest({ left, postponed }: Rest): string | undefined {
  const sentences = [
    ...(left.length > 0
      ? [
          `Left as it is, since another process has set it or Telegram refuses access to it: ${left.join(', ')}.`,
        ]
      : []),
    ...postponed.map(({ setting, until }) => {
      const time = new Date(until).toISOString().slice(0, 16).replace('T', ' ');
      return `Telegram rations ${setting}: the next attempt is after ${time} UTC.`;
    }),
  ];
  return sentences.join(' ') || undefined;
}

/** Retries what can pass soon. What Telegram rations for longer is postponed, and the watch completes it. */
export const rationPolicy: RetryPolicy = (error) => {
  const failure = classify(error);
  const isLong = failure?.kind === 'rate-limited' && failure.retryAfterMs > RATION_MS;
  return isLong ? 'stop' : telegramRetryPolicy(error);
};

/** Names what Telegram rations: a method of a bot. */
export function rationKey(botId: string, method: string): string {
  return `${botId} ${method}`;
}

/** A call that changes the profile. */
export interface Write {
  readonly setting: string;
  readonly isDeclared: boolean;
  readonly method: string;
  /** Runs before each attempt, and throws if nothing may be changed any more. */
  readonly beforeAttempt?: () => Promise<void>;
  call(): Promise<unknown>;
}

/** Whether a write had an effect. It is unknown when a response was lost. */
export type Effect = 'yes' | 'no' | 'unknown';

/**
 * Changes the profile, unless Telegram rations that for longer than a deploy should take. In the meantime it is not asked
 * again.
 *
 * @param onEffect runs when the call had an effect, or may have had one
 * @throws ProfileError
 */
export async function write(
  { setting, isDeclared, method, beforeAttempt, call }: Write,
  { botId }: ProfileOwner,
  context: RequestContext,
  applied: Applied,
  onEffect: () => void = () => {},
): Promise<Effect> {
  const { clock, rations } = context;
  const key = rationKey(botId, method);
  const postpone = (until: number) => {
    rations.set(key, until);
    applied.postponed.push({ setting, until });
  };
  const until = rations.get(key) ?? 0;
  if (until > clock.now()) {
    postpone(until);
    return 'no';
  }
  let isResponseLost = false;
  const attempt = async () => {
    await beforeAttempt?.();
    try {
      checkConfirmation(await call(), method);
    } catch (error) {
      isResponseLost ||= !(error instanceof TelegramRefusedError);
      throw error;
    }
  };
  try {
    await retry(attempt, { ...context, policy: rationPolicy });
    onEffect();
    applied.written.push(setting);
    return 'yes';
  } catch (error) {
    if (isResponseLost) onEffect();
    const failure = classify(error);
    if (failure?.kind === 'rate-limited') postpone(clock.now() + failure.retryAfterMs);
    else if (!isDeclared && failure?.kind === 'rejected') applied.left.push(setting);
    else throw new ProfileError(error as Error, setting);
    return isResponseLost ? 'unknown' : 'no';
  }
}
