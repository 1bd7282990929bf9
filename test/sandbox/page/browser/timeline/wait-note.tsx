import type { UpdateEntry } from '../../../timeline/entries.ts';
import { timeOfDay } from '../parts/moment.ts';

/** Says what an unfinished update waits for. */
export function WaitNote({ entry }: { readonly entry: UpdateEntry }) {
  const { behind, nextAttemptAt } = entry;
  if (behind === undefined && nextAttemptAt === undefined) return null;
  return (
    <p class="wait-note">
      {behind !== undefined && <span>Waits behind update #{behind}. </span>}
      {nextAttemptAt !== undefined && <span>Next attempt at {timeOfDay(nextAttemptAt)}.</span>}
    </p>
  );
}
