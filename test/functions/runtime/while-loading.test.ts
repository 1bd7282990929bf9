import { afterEach, expect, it, vi } from 'vitest';
import { whileLoading } from '../../../functions/runtime/while-loading.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

it('runs nothing outside Lambda', async () => {
  vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', undefined);
  await whileLoading(() => expect.unreachable('it ran'));
});

it('runs all tasks at the same time, and waits for them', async () => {
  vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'bot');
  const log: string[] = [];
  const task = (name: string) => async () => {
    log.push(`${name} begins`);
    await new Promise(setImmediate);
    log.push(`${name} ends`);
  };
  await whileLoading(task('a'), task('b'));
  expect(log).toEqual(['a begins', 'b begins', 'a ends', 'b ends']);
});

it('ignores failures, thrown ones too', async () => {
  vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'bot');
  const rejects = async () => Promise.reject(new Error('no'));
  const throws = () => {
    throw new Error('no');
  };
  await expect(whileLoading(rejects, throws)).resolves.toBeUndefined();
});

it('ends tasks whose time is over', async () => {
  vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'bot');
  const timeout = new AbortController();
  const spy = vi.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(timeout.signal);
  await whileLoading(
    (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        timeout.abort();
      }),
  );
  expect(spy).toHaveBeenCalledWith(3000);
});
