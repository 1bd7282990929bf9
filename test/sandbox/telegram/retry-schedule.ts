const MAX_RETRY_AFTER = 3600;
const LAST_DOUBLED_DELAY = 64;

/**
 * The delays before each retry of one update, in seconds: 0, then 2, 4, 8, 16, 32 and 64, and from
 * then on a random 60 to 120. `Retry-After` replaces one such delay, up to an hour (telegram-bot-api,
 * WebhookActor.cpp).
 */
export class RetrySchedule {
  private readonly random: () => number;
  private failed = false;
  private delay = 1;

  constructor(random: () => number) {
    this.random = random;
  }

  next(retryAfter: number): number {
    const first = !this.failed;
    this.failed = true;
    if (retryAfter > 0) return Math.min(retryAfter, MAX_RETRY_AFTER);
    if (first) return 0;
    this.delay = this.delay < LAST_DOUBLED_DELAY ? this.delay * 2 : 60 + this.random() * 60;
    return this.delay;
  }
}
