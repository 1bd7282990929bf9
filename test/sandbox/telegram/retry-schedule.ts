const MAX_RETRY_AFTER = 3600;
const LAST_DOUBLED_DELAY = 64;

/**
 * When one update is tried again, in seconds: at once, then after 2, 4, 8, 16, 32, 64, and from then
 * on at random after 60 to 120. `Retry-After` takes the place of one such delay, up to an hour.
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
