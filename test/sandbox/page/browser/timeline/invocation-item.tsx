import type { InvocationEntry } from '../../../timeline/entries.ts';
import { memoized } from '../parts/memoized.ts';
import { timeOfDay } from '../parts/moment.ts';
import { InvocationTrace } from './invocation-trace.tsx';

interface InvocationItemProps {
  readonly entry: InvocationEntry;
  readonly botName: string | undefined;
}

/** A run of a function that no update has caused. */
export const InvocationItem = memoized<InvocationItemProps>(({ entry, botName }) => (
  <li class={entry.invocation.error ? 'entry entry-failing' : 'entry entry-aside'}>
    <article aria-label={`Invocation of ${entry.invocation.function}`}>
      <p class="entry-meta">
        {botName && <span>@{botName}</span>}
        <time dateTime={new Date(entry.at).toISOString()}>{timeOfDay(entry.at)}</time>
      </p>
      <ol class="trace">
        <InvocationTrace invocation={entry.invocation} botId={entry.botId} />
      </ol>
    </article>
  </li>
));
