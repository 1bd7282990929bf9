import { describe, expect, it } from 'vitest';
import { type RetryDecision, retry } from '../../../../functions/registrar/retry/retry.ts';
import { FakeClock } from '../fakes.ts';

/** Makes an attempt that fails this many times, then succeeds. */
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

function makeOptions(policy: RetryDecision | ((error: unknown) => RetryDecision), timeMs = 60_000) {
  const clock = new FakeClock();
  return {
    clock,
    deadline: clock.now() + timeMs,
    policy: typeof policy === 'function' ? policy : () => policy,
  };
}

describe('retry', () => {
  it('makes no second attempt after a success', async () => {
    const { attempt, attempts } = failing(0);
    await expect(retry(attempt, makeOptions({}))).resolves.toBe('done');
    expect(attempts()).toBe(1);
  });

  it('makes no second attempt when the policy says stop', async () => {
    const { attempt, attempts } = failing(1);
    await expect(retry(attempt, makeOptions('stop'))).rejects.toThrow('fault 1');
    expect(attempts()).toBe(1);
  });

  it('tries again until an attempt succeeds, and reports every failure with its wait', async () => {
    const { attempt } = failing(5);
    const reported: string[] = [];
    const onRetry = (error: unknown, waitMs: number) =>
      reported.push(`${(error as Error).message}: ${waitMs}`);
    await expect(retry(attempt, { ...makeOptions({}), onRetry })).resolves.toBe('done');
    expect(reported).toEqual([
      'fault 1: 500',
      'fault 2: 1000',
      'fault 3: 2000',
      'fault 4: 4000',
      'fault 5: 8000',
    ]);
  });
});

describe('retry between two attempts', () => {
  it('doubles the wait up to 20 seconds', async () => {
    const { attempt } = failing(9);
    const options = makeOptions({}, 600_000);
    await retry(attempt, options);
    expect(options.clock.waits).toEqual([500, 1000, 2000, 4000, 8000, 16000, 20000, 20000, 20000]);
  });

  it('waits at least 100 ms, whatever the random number is', async () => {
    const { attempt } = failing(3);
    const options = makeOptions({});
    options.clock.chance = 0;
    await retry(attempt, options);
    expect(options.clock.waits).toEqual([100, 100, 100]);
  });

  it.each([0, -5, -1e9, 0.001])('waits at least 100 ms when the policy asks for %s', async (ms) => {
    const { attempt } = failing(2);
    const options = makeOptions({ delayMs: ms });
    await retry(attempt, options);
    expect(options.clock.waits).toEqual([100, 100]);
  });

  it('stops when a wait is not a number', async () => {
    const { attempt, attempts } = failing(50);
    const options = makeOptions({ delayMs: Number.NaN });
    await expect(retry(attempt, options)).rejects.toThrow('fault 1');
    expect(attempts()).toBe(1);
  });

  it('waits as long as the policy asks', async () => {
    const { attempt } = failing(2);
    const options = makeOptions({ delayMs: 7000 });
    await retry(attempt, options);
    expect(options.clock.waits).toEqual([7000, 7000]);
  });
});

describe('retry with a deadline', () => {
  it('never waits past the deadline, and throws the last failure', async () => {
    const { attempt, attempts } = failing(Number.POSITIVE_INFINITY);
    const options = makeOptions({}, 30_000);
    await expect(retry(attempt, options)).rejects.toThrow(/fault/);
    expect(options.clock.slept).toBeLessThanOrEqual(30_000);
    expect(attempts()).toBe(options.clock.waits.length + 1);
    expect(options.clock.waits.length).toBeGreaterThan(3);
  });

  it('stops immediately when the policy asks for more time than is left', async () => {
    const { attempt, attempts } = failing(1);
    const options = makeOptions({ delayMs: 61_000 });
    await expect(retry(attempt, options)).rejects.toThrow('fault 1');
    expect(attempts()).toBe(1);
    expect(options.clock.slept).toBe(0);
  });

  it('still makes one attempt after the deadline has passed', async () => {
    await expect(retry(failing(0).attempt, makeOptions({}, -1))).resolves.toBe('done');
  });
});

describe('retry with limitMs', () => {
  it('stops when the limit has passed', async () => {
    const { attempt } = failing(Number.POSITIVE_INFINITY);
    const options = makeOptions({ limitMs: 10_000 }, 600_000);
    await expect(retry(attempt, options)).rejects.toThrow();
    expect(options.clock.slept).toBeGreaterThan(5000);
    expect(options.clock.slept).toBeLessThanOrEqual(10_000);
  });

  it('counts the limit from the first failure that has one, whatever came before', async () => {
    const options = makeOptions(
      (error) => (/[1-7]$/.test(String(error)) ? {} : { limitMs: 25_000 }),
      600_000,
    );
    await expect(retry(failing(8).attempt, options)).resolves.toBe('done');
    expect(options.clock.slept).toBeGreaterThan(50_000);
  });
});
