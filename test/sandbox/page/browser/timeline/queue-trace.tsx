import type { QueueState } from '../../../timeline/entries.ts';
import { Icon } from '../parts/icon.tsx';
import { timeOfDay } from '../parts/moment.ts';

/** Shows what the queue did with an update. */
export function QueueTrace({ queue }: { readonly queue: QueueState }) {
  const { enqueuedAt, attempts, maxAttempts, deletedAt, deadLetterAt } = queue;
  const kind = deadLetterAt !== undefined ? 'bad' : deletedAt !== undefined ? 'good' : 'open';
  return (
    <li class={`step step-${kind}`}>
      <Icon name={ICONS[kind]} />
      <div class="step-line">
        <strong>Queue</strong>
        <span>
          {deadLetterAt !== undefined && `dead letter at ${timeOfDay(deadLetterAt)}`}
          {deadLetterAt === undefined && deletedAt !== undefined && 'done'}
          {kind === 'open' && `since ${timeOfDay(enqueuedAt)}`}
        </span>
        <span class="muted">
          attempt {attempts}
          {maxAttempts !== undefined && ` of ${maxAttempts}`}
        </span>
      </div>
    </li>
  );
}

const ICONS = { open: 'clock', good: 'check', bad: 'dead' } as const;
