import { useState } from 'preact/hooks';
import type { BotView, PlaceView } from '../../protocol.ts';
import { usePageActions } from '../actions.ts';
import { Menu } from '../parts/menu.tsx';
import { OpenDialog, type Opening } from './open-dialog.tsx';
import { placeName } from './place-name.ts';

interface ChatHeadProps {
  readonly bot: BotView;
  readonly place: PlaceView;
  readonly places: readonly PlaceView[];
  readonly onPlace: (id: string) => void;
}

export function ChatHead({ bot, place, places, onPlace }: ChatHeadProps) {
  const { act } = usePageActions();
  const [opening, setOpening] = useState<Opening>();
  const { chat, isBlocked, id: placeId } = place;
  const title = chat.type === 'private' ? bot.firstName : (chat.title ?? '');
  return (
    <header class="pane-head chat-head">
      <span class="avatar" aria-hidden="true">
        {[...title][0]}
      </span>
      <div class="chat-names">
        <h2 id="chat-title">
          <bdi>{title}</bdi>
        </h2>
        <p class="muted">
          {chat.type === 'private' ? `@${bot.username}` : chat.type}
          {isBlocked && ' · blocked'}
        </p>
      </div>
      <label class="place-choice">
        <span class="muted">Chat</span>
        <select value={placeId} onChange={({ currentTarget }) => onPlace(currentTarget.value)}>
          {places.map((each) => (
            <option key={each.id} value={each.id}>
              {placeName(each)}
            </option>
          ))}
        </select>
      </label>
      <Menu icon="more" label="People and groups">
        {() => (
          <>
            <button type="button" onClick={() => setOpening('person')}>
              Chat as another person …
            </button>
            <button type="button" onClick={() => setOpening('group')}>
              Open a group …
            </button>
            {chat.type === 'private' && (
              <button
                type="button"
                onClick={() => act({ do: isBlocked ? 'unblock' : 'block', placeId })}
              >
                {isBlocked ? 'Unblock the bot' : 'Block the bot'}
              </button>
            )}
          </>
        )}
      </Menu>
      {opening && (
        <OpenDialog
          kind={opening}
          botId={bot.id}
          person={place.person.first_name}
          places={places}
          onClose={() => setOpening(undefined)}
          onPlace={onPlace}
        />
      )}
    </header>
  );
}
