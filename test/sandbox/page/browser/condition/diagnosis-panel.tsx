import type { BotView } from '../../protocol.ts';
import { usePageActions } from '../actions.ts';
import { timeOfDay } from '../parts/moment.ts';
import { ActionButton } from './action-button.tsx';
import { Card } from './card.tsx';
import { Finding } from './finding.tsx';

/** What the watch says, and how to see it at work. */
export function DiagnosisPanel({ bot }: { readonly bot: BotView }) {
  const { id: botId, diagnosis } = bot;
  const { can } = usePageActions();
  return (
    <Card title="Watch">
      {diagnosis ? (
        <>
          <Finding isGood={diagnosis.condition === 'healthy'}>{diagnosis.condition}</Finding>
          {diagnosis.cause && <p>{diagnosis.cause}</p>}
          {diagnosis.fix && (
            <p>
              <strong>Fix</strong> {diagnosis.fix}
            </p>
          )}
          <p class="muted">Seen at {timeOfDay(diagnosis.at)}</p>
        </>
      ) : (
        <p class="muted">The watch has not said anything yet.</p>
      )}
      <p class="button-row">
        <ActionButton action={{ do: 'run watch', botId }}>Run the watch now</ActionButton>
        <ActionButton action={{ do: 'diagnose', botId }}>Only diagnose</ActionButton>
      </p>
      {can('delete webhook') && (
        <>
          <h4>Break it, then let the watch heal it</h4>
          <p class="button-row">
            <ActionButton isDanger action={{ do: 'delete webhook', botId }}>
              Delete the webhook
            </ActionButton>
            <ActionButton isDanger action={{ do: 'set foreign webhook', botId }}>
              Set a foreign webhook
            </ActionButton>
          </p>
        </>
      )}
    </Card>
  );
}
