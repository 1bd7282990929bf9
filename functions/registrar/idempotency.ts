/** Long ago answered; a process rarely sees more events in its life. */
const REMEMBERED = 100;

type Outcome<A> = () => A;

/**
 * Answers an event that comes again as it was answered, without doing it again: the framework asks up to
 * six times when connections break, and after a failure that took the registrar's whole time there would
 * be none left to say so.
 *
 * @param serve what to do with an event that is new to this process
 */
export function idempotent<E extends { readonly RequestId: string }, R extends unknown[], A>(
  serve: (event: E, ...rest: R) => Promise<A>,
): (event: E, ...rest: R) => Promise<A> {
  const outcomes = new Map<string, Outcome<A>>();
  const remember = (id: string, outcome: Outcome<A>) => {
    outcomes.set(id, outcome);
    const [oldest] = outcomes.keys();
    if (outcomes.size > REMEMBERED && oldest !== undefined) outcomes.delete(oldest);
  };
  return async (event, ...rest) => {
    const known = outcomes.get(event.RequestId);
    if (known) return known();
    try {
      const answer = await serve(event, ...rest);
      remember(event.RequestId, () => answer);
      return answer;
    } catch (error) {
      remember(event.RequestId, () => {
        throw error;
      });
      throw error;
    }
  };
}
