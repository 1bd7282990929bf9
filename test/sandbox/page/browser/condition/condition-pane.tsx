import type { BotView, StackView } from '../../protocol.ts';
import { Scroller } from '../parts/scroller.tsx';
import { DiagnosisPanel } from './diagnosis-panel.tsx';
import { Faults } from './faults.tsx';
import { QueuePanel } from './queue-panel.tsx';
import { Stacks } from './stacks.tsx';
import { Token } from './token.tsx';
import { WebhookFacts } from './webhook-facts.tsx';

interface ConditionPaneProps {
  readonly bot: BotView | undefined;
  readonly stacks: readonly StackView[];
}

/** Shows how the bot and its stacks are, and lets people break the bot to see the watch repair it. */
export function ConditionPane({ bot, stacks }: ConditionPaneProps) {
  return (
    <section class="pane condition-pane" aria-labelledby="condition-title">
      <header class="pane-head">
        <h2 id="condition-title">State</h2>
        {bot && (
          <p class="muted">
            @{bot.username}
            {bot.path && ` · ${bot.path}`}
          </p>
        )}
      </header>
      <Scroller class="cards" label="State of the bot">
        {bot && (
          <>
            <DiagnosisPanel bot={bot} />
            <WebhookFacts bot={bot} />
            <Token bot={bot} />
            <QueuePanel bot={bot} />
            <Faults bot={bot} />
          </>
        )}
        <Stacks stacks={stacks} />
      </Scroller>
    </section>
  );
}
