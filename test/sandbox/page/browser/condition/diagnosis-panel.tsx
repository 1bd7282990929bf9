import type { BotView } from '../../protocol.ts';
import { usePageActions } from '../actions.ts';
import { timeOfDay } from '../parts/moment.ts';
import { ActionButton } from './action-button.tsx';
import { Card } from './card.tsx';
import { Finding } from './finding.tsx';

/** Shows what the watch says, and lets it run. */
export function DiagnosisPanel({ bot }: { readonly bot: BotView }) {
  const { id: botId, diagnosis } = bot;
  const { can } = usePageActions();
  if (!bot.isWatched) {
    return (
      <Card title="Watch">
        <p class="muted">No watch is deployed for this bot.</p>
      </Card>
    );
  }
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
        <p class="muted">The watch has given no answer yet.</p>
      )}
      <p class="button-row">
        <ActionButton action={{ do: 'run watch', botId }}>Run the watch now</ActionButton>
        <ActionButton action={{ do: 'diagnose', botId }}>Only diagnose</ActionButton>
      </p>
      {can('delete webhook') && (
        <>
          <h4>Break it, then let the watch repair it</h4>
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
