import { tooManyRequests } from '../bot-api-error.ts';

/** How often Telegram lets a bot do something: so many times within so many seconds. */
export interface Ration {
  readonly times: number;
  readonly seconds: number;
}

/** What a bot may do only so often, by names of its owner's choice. Telegram does not publish its own numbers. */
export class Rations {
  private readonly limits = new Map<string, Ration>();
  private readonly spent = new Map<string, readonly number[]>();

  limit(name: string, ration: Ration): void {
    this.limits.set(name, ration);
  }

  /**
   * Counts one use.
   *
   * @param now in seconds
   * @throws BotApiError 429 that says when the next use is possible
   */
  spend(name: string, now: number): void {
    const { times, seconds } = this.limits.get(name) ?? {
      times: Number.POSITIVE_INFINITY,
      seconds: 0,
    };
    const recent = (this.spent.get(name) ?? []).filter((at) => at > now - seconds);
    if (recent.length >= times) {
      throw tooManyRequests((recent[recent.length - times] ?? now) + seconds - now);
    }
    this.spent.set(name, [...recent, now]);
  }
}
