import type { BotView } from '../../protocol.ts';
import { usePageActions } from '../actions.ts';
import { ActionButton } from './action-button.tsx';
import { Card } from './card.tsx';

/** The answers that wait for the next calls. They are added at a call in the timeline. */
export function Faults({ bot: { id: botId, faults } }: { readonly bot: BotView }) {
  const { can } = usePageActions();
  if (!can('add fault')) return null;
  return (
    <Card title="Answers for the next calls">
      {faults.length === 0 ? (
        <p class="muted">None. Open a call in the timeline to let the next one fail.</p>
      ) : (
        <>
          <ul class="plain-list">
            {faults.map(({ method, code }, index) => (
              <li key={index}>
                The next <code>{method}</code> gets <strong>{code}</strong>
              </li>
            ))}
          </ul>
          <p class="button-row">
            <ActionButton action={{ do: 'clear faults', botId }}>Clear</ActionButton>
          </p>
        </>
      )}
    </Card>
  );
}
