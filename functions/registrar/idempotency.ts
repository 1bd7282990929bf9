/** Cache size. An execution environment rarely handles more events than this. */
const CACHED_EVENTS = 100;

type Outcome<R> = () => R;

/**
 * Makes a handler answer a repeated event with its first result, without handling it again. The provider
 * framework invokes up to three more times when a connection breaks, and after a failure that took the
 * registrar's whole time there would be none left to report it.
 *
 * @param handle handles an event that is new to this process
 */
export function idempotent<E extends { readonly RequestId: string }, A extends unknown[], R>(
  handle: (event: E, ...rest: A) => Promise<R>,
): (event: E, ...rest: A) => Promise<R> {
  const outcomes = new Map<string, Outcome<R>>();
  const cache = (id: string, outcome: Outcome<R>) => {
    outcomes.set(id, outcome);
    const [oldest] = outcomes.keys();
    if (outcomes.size > CACHED_EVENTS && oldest !== undefined) outcomes.delete(oldest);
  };
  return async (event, ...rest) => {
    const known = outcomes.get(event.RequestId);
    if (known) return known();
    try {
      const result = await handle(event, ...rest);
      cache(event.RequestId, () => result);
      return result;
    } catch (error) {
      cache(event.RequestId, () => {
        throw error;
      });
      throw error;
    }
  };
}
