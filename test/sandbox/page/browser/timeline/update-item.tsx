import type { Invocation, UpdateEntry } from '../../../timeline/entries.ts';
import { memoized } from '../parts/memoized.ts';
import { timeOfDay } from '../parts/moment.ts';
import { CallItem } from './call-item.tsx';
import { DeliveryItem } from './delivery-item.tsx';
import { InvocationTrace } from './invocation-trace.tsx';
import { QueueTrace } from './queue-trace.tsx';
import { Status } from './status.tsx';
import { summarizeUpdate } from './summarize-update.ts';
import { UpdateActions } from './update-actions.tsx';
import { WaitNote } from './wait-note.tsx';

interface UpdateItemProps {
  readonly entry: UpdateEntry;
  /** Absent if there is only one bot. */
  readonly botName: string | undefined;
  readonly isQueued: boolean;
}

/** Shows the way of one update, from top to bottom in the order of time. */
export const UpdateItem = memoized<UpdateItemProps>(({ entry, botName, isQueued }) => {
  const { update, status, at, origin, deliveries, invocations, calls, queue, botId } = entry;
  const { type, from, chat, text } = summarizeUpdate(update);
  const steps = [
    ...deliveries.map((delivery, index) => ({
      at: delivery.at,
      step: <DeliveryItem key={`d${index}`} delivery={delivery} attempt={index + 1} />,
    })),
    ...(queue ? [{ at: queue.enqueuedAt, step: <QueueTrace key="queue" queue={queue} /> }] : []),
    ...invocations.map((invocation, index) => ({
      at: invocation.at,
      step: (
        <InvocationTrace
          key={invocation.requestId}
          invocation={invocation}
          botId={botId}
          isRepeated={invocations.slice(index + 1).some((later) => failedAlike(invocation, later))}
        />
      ),
    })),
    ...calls.map((call) => ({
      at: call.at,
      step: <CallItem key={call.key} call={call} botId={botId} />,
    })),
  ];
  return (
    <li class={`entry entry-${status.replace(' ', '-')}`}>
      <article aria-label={`Update ${update.update_id}, ${type}, ${status}`}>
        <header class="entry-head">
          <Status status={status} />
          <code class="chip">{type}</code>
          <p class="entry-text">
            {from && (
              <bdi class="entry-from">
                {from}
                {chat && ` in ${chat}`}
              </bdi>
            )}{' '}
            <bdi>{text}</bdi>
          </p>
          <p class="entry-meta">
            {botName && <span>@{botName}</span>}
            {origin !== 'person' && <span>{origin}</span>}
            <span>#{update.update_id}</span>
            <time dateTime={new Date(at).toISOString()}>{timeOfDay(at)}</time>
          </p>
        </header>
        <WaitNote entry={entry} />
        <ol class="trace">{steps.toSorted((a, b) => a.at - b.at).map(({ step }) => step)}</ol>
        <UpdateActions entry={entry} isQueued={isQueued} />
      </article>
    </li>
  );
});

/** Whether the same line threw. */
function failedAlike({ error }: Invocation, { error: other }: Invocation): boolean {
  const [one, two] = [error?.source, other?.source];
  return one !== undefined && one.file === two?.file && one.line === two.line;
}
