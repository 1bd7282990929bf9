import type { Message } from '@grammyjs/types';
import { describeContent } from '../../../terminal/describe-message.ts';
import type { ReactionView } from '../../protocol.ts';
import { memoized } from '../parts/memoized.ts';
import { Bubble } from './bubble.tsx';
import { isService } from './kinds.ts';
import type { Target } from './target.ts';

export interface MessageItemProps {
  readonly message: Message;
  readonly placeId: string;
  readonly personId: number;
  readonly isGroup: boolean;
  readonly reactions: readonly ReactionView[];
  /** Positions of the options of its poll that the person has voted for. */
  readonly vote: readonly number[];
  readonly onTarget: (target: Target) => void;
}

/** A message of the chat: a bubble, or a line about the chat itself. */
export const MessageItem = memoized<MessageItemProps>((props) => {
  const { message, personId } = props;
  if (isService(message)) {
    return (
      <li class="service">
        <bdi>{describeContent(message)}</bdi>
      </li>
    );
  }
  return (
    <li class={message.from?.id === personId ? 'message own' : 'message'}>
      <Bubble {...props} />
    </li>
  );
});
