import type { DeliveryAttempt } from '../../../timeline/entries.ts';
import { Icon } from '../parts/icon.tsx';
import { duration } from '../parts/moment.ts';

interface DeliveryItemProps {
  readonly delivery: DeliveryAttempt;
  /** Counted from 1. */
  readonly attempt: number;
}

export function DeliveryItem({ delivery, attempt }: DeliveryItemProps) {
  const { durationMs, status, problem } = delivery;
  const isDone = durationMs !== undefined;
  const kind = problem ? 'bad' : isDone ? 'good' : 'open';
  return (
    <li class={`step step-${kind}`}>
      <Icon name={problem ? 'cross' : isDone ? 'check' : 'play'} />
      <div class="step-line">
        <strong>Delivery{attempt > 1 && ` ${attempt}`}</strong>
        <span class={`answer-${kind}`}>{status ?? (isDone ? 'no response' : 'in progress')}</span>
        {isDone && <span class="muted">{duration(durationMs)}</span>}
      </div>
      {problem && <p class="step-problem">{problem}</p>}
    </li>
  );
}
