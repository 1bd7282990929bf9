import { useState } from 'preact/hooks';
import type { BotView, PageState } from '../protocol.ts';
import { ChatPane } from './chat/chat-pane.tsx';
import { ConditionPane } from './condition/condition-pane.tsx';
import { Header, type Pane } from './header.tsx';
import { useMedia } from './parts/use-media.ts';
import { TimelinePane } from './timeline/timeline-pane.tsx';

/** The page's panes, and which bot and pane the person has chosen. */
export function Workbench({ state }: { readonly state: PageState }) {
  const hasChat = state.mode === 'local';
  const [botId, setBotId] = useState<number>();
  const [pane, setPane] = useState<Pane>(hasChat ? 'chat' : 'timeline');
  const realBots = state.bots.filter(({ apiRoot }) => apiRoot !== undefined);
  const bot = state.bots.find(({ id }) => id === botId) ?? realBots[0] ?? state.bots[0];
  const isNarrow = useMedia('(max-width: 800px)');
  const shown = pane === 'chat' && !(isNarrow && hasChat) ? 'timeline' : pane;
  return (
    <div class="workbench" data-pane={shown} data-mode={state.mode}>
      <Header
        bots={state.bots}
        bot={bot}
        onBot={setBotId}
        pane={shown}
        onPane={setPane}
        hasChat={hasChat}
      />
      <main class="panes">
        {hasChat && <ChatPane bot={bot} places={state.places} />}
        {!hasChat && <LiveNote bots={realBots} />}
        <TimelinePane entries={state.entries} bots={state.bots} bot={bot} />
        <ConditionPane bot={bot} stacks={state.stacks} />
      </main>
    </div>
  );
}

function LiveNote({ bots }: { readonly bots: readonly BotView[] }) {
  const names = bots.map(({ username }) => `@${username}`).join(' or ');
  return (
    <p class="live-note">
      Live: write to <strong>{names || 'the bot'}</strong> in Telegram, and see here what happens.
    </p>
  );
}
