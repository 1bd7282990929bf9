import { useEffect, useMemo } from 'preact/hooks';
import type { PlaceView } from '../../protocol.ts';
import { Scroller } from '../parts/scroller.tsx';
import { useFollow } from '../parts/use-follow.ts';
import { Formatted } from './formatted.tsx';
import { MessageItem } from './message-item.tsx';
import { Pinned } from './pinned.tsx';
import type { Target } from './target.ts';

interface MessagesProps {
  readonly place: PlaceView;
  readonly onTarget: (target: Target) => void;
}

/** The same for all messages without any, which are then not drawn again. */
const NONE: readonly never[] = [];

export function Messages({ place, onTarget }: MessagesProps) {
  const { ref, setFollowing } = useFollow<HTMLElement>();
  const { id, person, chat, messages, chatAction, reactions, votes, draft } = place;
  const byMessage = useMemo(
    () => Map.groupBy(reactions, ({ messageId }) => messageId),
    [reactions],
  );
  const isOwnLast = messages.at(-1)?.from?.id === person.id;
  useEffect(() => {
    // Who writes wants to see it, wherever they were reading.
    if (isOwnLast) setFollowing(true);
  }, [messages.length]);
  return (
    <>
      <Pinned place={place} />
      <Scroller scrollRef={ref} class="messages" role="log" label="Messages">
        <div>
          <ol>
            {messages.map((message) => (
              <MessageItem
                key={message.message_id}
                message={message}
                placeId={id}
                personId={person.id}
                isGroup={chat.type !== 'private'}
                reactions={byMessage.get(message.message_id) ?? NONE}
                vote={
                  votes.find(({ messageId }) => messageId === message.message_id)?.options ?? NONE
                }
                onTarget={onTarget}
              />
            ))}
          </ol>
          {messages.length === 0 && <p class="empty">Nothing has been written yet.</p>}
          {draft && (
            <div class="message draft">
              <div class="bubble">
                <Formatted text={draft.text} entities={draft.entities} />
                <p class="meta">is being written</p>
              </div>
            </div>
          )}
          {chatAction && (
            <p class="typing">
              <span class="dots" aria-hidden="true">
                <i />
                <i />
                <i />
              </span>
              {ACTIONS[chatAction] ?? chatAction.replaceAll('_', ' ')} …
            </p>
          )}
        </div>
      </Scroller>
    </>
  );
}

const ACTIONS: Readonly<Record<string, string>> = {
  typing: 'typing',
  upload_photo: 'sending a photo',
  record_video: 'recording a video',
  upload_video: 'sending a video',
  record_voice: 'recording a voice message',
  upload_voice: 'sending a voice message',
  upload_document: 'sending a file',
  choose_sticker: 'choosing a sticker',
  find_location: 'looking for a location',
};
