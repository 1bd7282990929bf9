import type { Update } from '@grammyjs/types';

/** A type of update that Telegram can deliver: the name of its field in `Update`. */
export type UpdateType = Exclude<keyof Update, 'update_id'>;

/**
 * Every update type, for the check at synth. Telegram ignores names that it does not know, so a typo would go
 * unnoticed. The compiler keeps the list equal to that of `@grammyjs/types`.
 */
const updateTypes: Record<UpdateType, true> = {
  message: true,
  edited_message: true,
  channel_post: true,
  edited_channel_post: true,
  business_connection: true,
  business_message: true,
  edited_business_message: true,
  deleted_business_messages: true,
  guest_message: true,
  stopped_message_generation: true,
  message_reaction: true,
  message_reaction_count: true,
  inline_query: true,
  chosen_inline_result: true,
  callback_query: true,
  shipping_query: true,
  pre_checkout_query: true,
  purchased_paid_media: true,
  poll: true,
  poll_answer: true,
  my_chat_member: true,
  chat_member: true,
  chat_join_request: true,
  chat_boost: true,
  removed_chat_boost: true,
  managed_bot: true,
  subscription: true,
};

export const allUpdateTypes = Object.keys(updateTypes) as readonly UpdateType[];

/** The types that Telegram delivers only when they are named. */
const onlyWhenNamed: readonly string[] = [
  'chat_member',
  'message_reaction',
  'message_reaction_count',
] satisfies UpdateType[];

/** Whether these are exactly the types that Telegram delivers by default. */
export function isDefaultSet(types: readonly string[]): boolean {
  const defaults = allUpdateTypes.filter((type) => !onlyWhenNamed.includes(type));
  return new Set(types).size === defaults.length && defaults.every((type) => types.includes(type));
}
