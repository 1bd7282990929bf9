import { describeContent, describeMessage } from '../../../terminal/describe-message.ts';
import { timeOfDay } from '../parts/moment.ts';
import { Formatted } from './formatted.tsx';
import { InlineKeyboard } from './inline-keyboard.tsx';
import { hasOtherContent } from './kinds.ts';
import { Media } from './media.tsx';
import type { MessageItemProps } from './message-item.tsx';
import { MessageMenu } from './message-menu.tsx';
import { Poll } from './poll.tsx';
import { Reactions } from './reactions.tsx';

export function Bubble(props: MessageItemProps) {
  const { message, placeId, isGroup, personId, reactions, vote } = props;
  const { from, sender_chat, date, edit_date, reply_to_message: replied, via_bot } = message;
  const sender =
    from?.first_name ?? (sender_chat && 'title' in sender_chat ? sender_chat.title : '');
  const isCaptionAbove = message.show_caption_above_media;
  const caption = <Formatted text={message.caption} entities={message.caption_entities} />;
  return (
    <>
      <div class="bubble">
        {(isGroup || via_bot) && from?.id !== personId && (
          <p class="sender">
            <bdi>{sender}</bdi>
            {via_bot && <span class="muted"> via @{via_bot.username}</span>}
          </p>
        )}
        {replied && (
          <blockquote class="replied">
            <strong>
              <bdi>{replied.from?.first_name}</bdi>
            </strong>
            <p dir="auto">{message.quote?.text ?? describeMessage(replied)}</p>
          </blockquote>
        )}
        {isCaptionAbove && caption}
        <Media message={message} />
        {message.poll ? (
          <Poll poll={message.poll} placeId={placeId} messageId={message.message_id} vote={vote} />
        ) : (
          hasOtherContent(message) && <p class="content">{describeContent(message)}</p>
        )}
        <Formatted text={message.text} entities={message.entities} />
        {!isCaptionAbove && caption}
        <p class="meta">
          {edit_date !== undefined && <span>edited</span>}
          <time dateTime={new Date(date * 1000).toISOString()}>
            {timeOfDay(date * 1000).slice(0, 5)}
          </time>
        </p>
        <Reactions reactions={reactions} />
      </div>
      {message.reply_markup && (
        <InlineKeyboard
          keyboard={message.reply_markup}
          placeId={placeId}
          messageId={message.message_id}
        />
      )}
      <MessageMenu {...props} />
    </>
  );
}
