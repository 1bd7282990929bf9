/**
 * Runs `create` once and shares its result, however many callers ask at the same time. A failure is
 * forgotten: the next call runs `create` again.
 *
 * @example
 * const bot = once(async () => new Bot(await botToken(), { botInfo: botInfo() }));
 */
export function once<T, A extends unknown[]>(
  create: (...args: A) => Promise<T>,
): (...args: A) => Promise<T> {
  let result: Promise<T> | undefined;
  return (...args) => {
    result ??= create(...args).catch((error: unknown) => {
      result = undefined;
      throw error;
    });
    return result;
  };
}
