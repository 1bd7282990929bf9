import { describe, expect, it } from 'vitest';
import { type RetryDecision, retry } from '../../../../functions/registrar/retry/retry.ts';
import { FakeClock } from '../fakes.ts';

/** Fails as often as told, then succeeds. */
function failing(times: number, name = 'fault') {
  let attempts = 0;
  return {
    attempt: async () => {
      if (++attempts <= times) throw new Error(`${name} ${attempts}`);
      return 'done';
    },
    attempts: () => attempts,
  };
}

function options(policy: RetryDecision | ((error: unknown) => RetryDecision), forMs = 60_000) {
  const clock = new FakeClock();
  return {
    clock,
    deadline: clock.now() + forMs,
    policy: typeof policy === 'function' ? policy : () => policy,
  };
}

describe('an attempt', () => {
  it('that succeeds is the only one', async () => {
    const { attempt, attempts } = failing(0);
    await expect(retry(attempt, options({}))).resolves.toBe('done');
    expect(attempts()).toBe(1);
  });

  it('that failed for good is the last one', async () => {
    const { attempt, attempts } = failing(1);
    await expect(retry(attempt, options('stop'))).rejects.toThrow('fault 1');
    expect(attempts()).toBe(1);
  });

  it('that failed for now is followed by another', async () => {
    const { attempt } = failing(5);
    const told: string[] = [];
    const onRetry = (error: unknown, waitMs: number) =>
      told.push(`${(error as Error).message}: ${waitMs}`);
    await expect(retry(attempt, { ...options({}), onRetry })).resolves.toBe('done');
    expect(told).toEqual([
      'fault 1: 500',
      'fault 2: 1000',
      'fault 3: 2000',
      'fault 4: 4000',
      'fault 5: 8000',
    ]);
  });
});

describe('the wait', () => {
  it('grows to 20 seconds and no further', async () => {
    const { attempt } = failing(9);
    const told = options({}, 600_000);
    await retry(attempt, told);
    expect(told.clock.waits).toEqual([500, 1000, 2000, 4000, 8000, 16000, 20000, 20000, 20000]);
  });

  it('is anything down to nothing, by chance', async () => {
    const { attempt } = failing(3);
    const told = options({});
    told.clock.chance = 0;
    await retry(attempt, told);
    expect(told.clock.waits).toEqual([0, 0, 0]);
  });

  it('is what the other side asked for', async () => {
    const { attempt } = failing(2);
    const told = options({ delayMs: 7000 });
    await retry(attempt, told);
    expect(told.clock.waits).toEqual([7000, 7000]);
  });
});

describe('the deadline', () => {
  it('is never passed by a wait, and the last failure is what comes of it', async () => {
    const { attempt, attempts } = failing(Number.POSITIVE_INFINITY);
    const told = options({}, 30_000);
    await expect(retry(attempt, told)).rejects.toThrow(/fault/);
    expect(told.clock.slept).toBeLessThanOrEqual(30_000);
    expect(attempts()).toBe(told.clock.waits.length + 1);
    expect(told.clock.waits.length).toBeGreaterThan(3);
  });

  it('ends the attempts at once when the other side asks for more time than there is', async () => {
    const { attempt, attempts } = failing(1);
    const told = options({ delayMs: 61_000 });
    await expect(retry(attempt, told)).rejects.toThrow('fault 1');
    expect(attempts()).toBe(1);
    expect(told.clock.slept).toBe(0);
  });

  it('still lets one attempt be made when it has passed', async () => {
    await expect(retry(failing(0).attempt, options({}, -1))).resolves.toBe('done');
  });
});

describe('failures that are put up with for a while', () => {
  it('end the attempts when the while is over', async () => {
    const { attempt } = failing(Number.POSITIVE_INFINITY);
    const told = options({ limitMs: 10_000 }, 600_000);
    await expect(retry(attempt, told)).rejects.toThrow();
    expect(told.clock.slept).toBeGreaterThan(5000);
    expect(told.clock.slept).toBeLessThanOrEqual(10_000);
  });

  it('have their while from the first of them, whatever came before', async () => {
    const told = options(
      (error) => (/[1-7]$/.test(String(error)) ? {} : { limitMs: 25_000 }),
      600_000,
    );
    await expect(retry(failing(8).attempt, told)).resolves.toBe('done');
    expect(told.clock.slept).toBeGreaterThan(50_000);
  });
});
