import type { Invocation } from '../../../timeline/entries.ts';
import { Icon } from '../parts/icon.tsx';
import { duration } from '../parts/moment.ts';
import { CallItem } from './call-item.tsx';
import { ErrorNote } from './error-note.tsx';
import { Log } from './log.tsx';

interface InvocationTraceProps {
  readonly invocation: Invocation;
  readonly botId: number | undefined;
  /** A later attempt has failed at the same line, and shows it. */
  readonly isRepeated?: boolean;
}

/** Shows what one run of a function did: its figures, its log, its error and its calls. */
export function InvocationTrace({ invocation, botId, isRepeated = false }: InvocationTraceProps) {
  const { durationMs, coldStartMs, memoryMb, usedMb, batchSize = 1, error } = invocation;
  const isDone = durationMs !== undefined;
  const kind = error ? 'bad' : isDone ? 'good' : 'open';
  return (
    <li class={`step step-${kind}`}>
      <Icon name={error ? 'cross' : isDone ? 'check' : 'play'} />
      <div class="step-line">
        <strong class="function">{invocation.function}</strong>
        <span>{isDone ? duration(durationMs) : 'in progress'}</span>
        <span class={coldStartMs === undefined ? 'muted' : 'cold'}>
          {coldStartMs === undefined ? 'warm' : `cold start ${duration(coldStartMs)}`}
        </span>
        <span class="muted">
          {usedMb === undefined ? `${memoryMb} MB` : `${usedMb} of ${memoryMb} MB`}
        </span>
        {batchSize > 1 && <span class="muted">batch of {batchSize}</span>}
      </div>
      {error && <ErrorNote error={error} isShort={isRepeated} />}
      <Log lines={invocation.log} isOpen={error !== undefined && !error.source} />
      {invocation.calls.length > 0 && (
        <ol class="trace">
          {invocation.calls.map((call) => (
            <CallItem key={call.key} call={call} botId={botId} />
          ))}
        </ol>
      )}
    </li>
  );
}
