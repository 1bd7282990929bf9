import { useEffect, useState } from 'preact/hooks';
import type { BotView, PlaceView } from '../../protocol.ts';
import { ChatHead } from './chat-head.tsx';
import { Composer } from './composer.tsx';
import { Messages } from './messages.tsx';
import type { Target } from './target.ts';

interface ChatPaneProps {
  readonly bot: BotView | undefined;
  readonly places: readonly PlaceView[];
}

/** The chat with a bot, as a person sees it in Telegram. */
export function ChatPane({ bot, places }: ChatPaneProps) {
  const [placeId, setPlaceId] = useState<string>();
  const [target, setTarget] = useState<Target>();
  const own = places.filter(({ botId }) => botId === bot?.id);
  const place = own.find(({ id }) => id === placeId) ?? own[0];
  useEffect(() => setTarget(undefined), [place?.id]);
  return (
    <section class="pane chat-pane" aria-labelledby="chat-title">
      {bot && place ? (
        <>
          <ChatHead bot={bot} place={place} places={own} onPlace={setPlaceId} />
          <Messages key={place.id} place={place} onTarget={setTarget} />
          <Composer key={`c${place.id}`} place={place} target={target} onTarget={setTarget} />
        </>
      ) : (
        <h2 id="chat-title" class="empty">
          There is no chat yet: no bot is deployed.
        </h2>
      )}
    </section>
  );
}
