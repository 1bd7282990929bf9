import type { BotView } from '../../protocol.ts';
import { ActionButton } from './action-button.tsx';
import { Card } from './card.tsx';
import { Finding } from './finding.tsx';

/** Shows what waits in the queue, and its dead letters. A bot with direct delivery has no queue. */
export function QueuePanel({ bot: { id: botId, queue } }: { readonly bot: BotView }) {
  if (!queue) return null;
  const { waiting, deadLetters } = queue;
  const { length } = deadLetters;
  return (
    <Card title="Queue">
      <p>{waiting === 1 ? '1 update waits' : `${waiting} updates wait`} for the bot.</p>
      <Finding isGood={length === 0}>
        {length === 0 ? 'no dead letters' : `${length} dead letter${length === 1 ? '' : 's'}`}
      </Finding>
      {length > 0 && (
        <>
          <ul class="plain-list">
            {deadLetters.map(({ id, updateId, attempts }) => (
              <li key={id}>
                Update #{updateId}, after {attempts} attempts
              </li>
            ))}
          </ul>
          <p class="button-row">
            <ActionButton action={{ do: 'redrive', botId }}>Redrive</ActionButton>
          </p>
        </>
      )}
    </Card>
  );
}
