import { describeMessage } from '../../../terminal/describe-message.ts';
import type { PlaceView } from '../../protocol.ts';

export function Pinned({ place }: { readonly place: PlaceView }) {
  const pinned = place.messages.find(({ message_id }) => message_id === place.pinnedMessageId);
  if (!pinned) return null;
  return (
    <p class="pinned">
      <strong>Pinned</strong> <bdi>{describeMessage(pinned)}</bdi>
    </p>
  );
}
