import { usePageActions } from '../actions.ts';
import { Menu } from '../parts/menu.tsx';
import type { MessageItemProps } from './message-item.tsx';

/** Some of the reactions that Telegram offers everybody. */
const EMOJI = ['👍', '❤', '🔥', '🎉', '😢', '👎'];

export function MessageMenu({ message, placeId, personId, reactions, onTarget }: MessageItemProps) {
  const { act } = usePageActions();
  const { message_id: messageId } = message;
  const isOwn = message.from?.id === personId;
  const mine = reactions.find(({ userId }) => userId === personId)?.emoji;
  const canEdit = isOwn && (message.text !== undefined || message.caption !== undefined);
  return (
    <Menu icon="more" label="Message actions">
      {() => (
        <>
          <div class="emoji-row">
            {EMOJI.map((emoji) => (
              <button
                key={emoji}
                type="button"
                aria-label={`React with ${emoji}`}
                aria-pressed={emoji === mine}
                onClick={() =>
                  act({ do: 'react', placeId, messageId, emoji: emoji === mine ? '' : emoji })
                }
              >
                {emoji}
              </button>
            ))}
          </div>
          <button type="button" onClick={() => onTarget({ kind: 'reply', message })}>
            Reply
          </button>
          {canEdit && (
            <button type="button" onClick={() => onTarget({ kind: 'edit', message })}>
              Edit
            </button>
          )}
          <button type="button" onClick={() => act({ do: 'delete', placeId, messageId })}>
            Delete
          </button>
        </>
      )}
    </Menu>
  );
}
