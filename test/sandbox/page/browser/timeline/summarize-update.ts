import type { ReactionType, Update } from '@grammyjs/types';
import { chatOf, personOf, pressedButton } from '../../../telegram/update-content.ts';
import { describeMessage } from '../../../terminal/describe-message.ts';

export interface UpdateSummary {
  /** The field of the update that says what happened: `message`, `callback_query`. */
  readonly type: string;
  /** The first name of whoever caused it. */
  readonly from?: string;
  readonly chat?: string;
  /** What happened, on one line: a text, the text of a button, a change in words. */
  readonly text: string;
}

type Kind = Exclude<keyof Update, 'update_id'>;
type Describers = { readonly [K in Kind]?: (content: NonNullable<Update[K]>) => string };

const DESCRIBERS: Describers = {
  message: describeMessage,
  edited_message: describeMessage,
  channel_post: describeMessage,
  edited_channel_post: describeMessage,
  business_message: describeMessage,
  edited_business_message: describeMessage,
  callback_query: (query) => `presses “${pressedButton(query) ?? query.data ?? 'a game'}”`,
  inline_query: ({ query }) => `types the inline query “${query}”`,
  chosen_inline_result: ({ result_id }) => `chooses the result ${result_id}`,
  message_reaction: ({ message_id, new_reaction }) =>
    new_reaction.length > 0
      ? `reacts with ${emojiOf(new_reaction)} to message ${message_id}`
      : `takes the reaction to message ${message_id} back`,
  my_chat_member: ({ old_chat_member, new_chat_member }) =>
    `changes the bot from ${old_chat_member.status} to ${new_chat_member.status}`,
  chat_member: ({ new_chat_member: { user, status } }) => `${user.first_name} is now ${status}`,
  chat_join_request: () => 'asks to join',
  poll: ({ question, total_voter_count }) =>
    `“${question}” has ${total_voter_count} vote${total_voter_count === 1 ? '' : 's'}`,
  poll_answer: ({ option_ids }) =>
    option_ids.length > 0
      ? `votes, with option_ids ${option_ids.join(', ')}`
      : 'takes the vote back',
  pre_checkout_query: ({ total_amount, currency }) => `wants to pay ${total_amount} ${currency}`,
  shipping_query: ({ shipping_address: { city } }) => `asks for shipping to ${city}`,
};

/** Describes an update for one line of the timeline. */
export function summarizeUpdate(update: Update): UpdateSummary {
  const type = Object.keys(update).find((key) => key !== 'update_id') as Kind | undefined;
  if (!type) return { type: 'update', text: 'nothing' };
  const describe = DESCRIBERS[type] as ((content: unknown) => string) | undefined;
  const chat = chatOf(update);
  const title = chat && 'title' in chat ? chat.title : undefined;
  return {
    type,
    from: personOf(update)?.first_name,
    ...(title && { chat: title }),
    text: ifPossible(() => describe?.(update[type])) ?? type.replaceAll('_', ' '),
  };
}

/** Returns undefined for a failure, because an update that a person has edited may have any shape. */
export function ifPossible<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

function emojiOf(reactions: readonly ReactionType[]): string {
  return reactions
    .map((reaction) => ('emoji' in reaction ? reaction.emoji : reaction.type.replaceAll('_', ' ')))
    .join(' ');
}
