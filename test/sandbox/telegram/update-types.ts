import type { Update } from '@grammyjs/types';

/** The names that `allowed_updates` accepts. */
export type EmulatedUpdateType = Exclude<keyof Update, 'update_id'>;

/** An update that Telegram has not numbered yet, or a recorded one, which keeps its number. */
export type NewUpdate = Omit<Update, 'update_id'> & Partial<Pick<Update, 'update_id'>>;

type Payload<T extends EmulatedUpdateType> = NonNullable<Update[T]>;

interface Kind<T extends EmulatedUpdateType> {
  /** Returns a key: updates with the same key are delivered one by one, others in parallel. */
  readonly queue: (payload: Payload<T>) => string;
  /** How long Telegram tries to deliver the update, in seconds. */
  readonly lifetime: number;
  /** The type is delivered only when `allowed_updates` names it. */
  readonly onlyWhenNamed?: true;
}

const DAY = 86_400;

const inChat = (what: string) => (payload: { chat: { id: number } }) =>
  `${what} ${payload.chat.id}`;
const from = (what: string) => (payload: { from: { id: number } }) => `${what} ${payload.from.id}`;
const ofUser = (what: string) => (payload: { user: { id: number } }) =>
  `${what} ${payload.user.id}`;

/**
 * Messages and their edits share their chat's queue, queries queue per user, and polls per poll
 * (telegram-bot-api, Client.cpp). The other types approximate Telegram's queues: they queue by chat or
 * by user, whichever is nearer.
 */
const KINDS: { readonly [T in EmulatedUpdateType]: Kind<T> } = {
  message: { queue: inChat('chat'), lifetime: DAY },
  edited_message: { queue: inChat('chat'), lifetime: DAY },
  channel_post: { queue: inChat('chat'), lifetime: DAY },
  edited_channel_post: { queue: inChat('chat'), lifetime: DAY },
  business_connection: { queue: ofUser('business'), lifetime: DAY },
  business_message: { queue: inChat('chat'), lifetime: DAY },
  edited_business_message: { queue: inChat('chat'), lifetime: DAY },
  deleted_business_messages: { queue: inChat('chat'), lifetime: DAY },
  guest_message: { queue: inChat('chat'), lifetime: DAY },
  stopped_message_generation: { queue: inChat('chat'), lifetime: DAY },
  message_reaction: { queue: inChat('reactions'), lifetime: DAY, onlyWhenNamed: true },
  message_reaction_count: { queue: inChat('reactions'), lifetime: DAY, onlyWhenNamed: true },
  inline_query: { queue: from('inline query'), lifetime: 30 },
  chosen_inline_result: { queue: from('chosen inline result'), lifetime: 600 },
  callback_query: { queue: from('callback query'), lifetime: 150 },
  shipping_query: { queue: from('payment'), lifetime: 150 },
  pre_checkout_query: { queue: from('payment'), lifetime: 150 },
  purchased_paid_media: { queue: from('paid media'), lifetime: DAY },
  poll: { queue: (poll) => `poll ${poll.id}`, lifetime: DAY },
  poll_answer: { queue: (answer) => `poll ${answer.poll_id}`, lifetime: DAY },
  my_chat_member: { queue: inChat('members'), lifetime: DAY },
  chat_member: { queue: inChat('members'), lifetime: DAY, onlyWhenNamed: true },
  chat_join_request: { queue: inChat('join requests'), lifetime: DAY },
  chat_boost: { queue: inChat('boosts'), lifetime: DAY },
  removed_chat_boost: { queue: inChat('boosts'), lifetime: DAY },
  managed_bot: { queue: ofUser('managed bot'), lifetime: DAY },
  subscription: { queue: ofUser('subscription'), lifetime: DAY },
};

export const UPDATE_TYPES = Object.keys(KINDS) as EmulatedUpdateType[];

/** The types that a bot gets unless it asks for others (telegram-bot-api, Client.h). */
export const DEFAULT_UPDATE_TYPES: ReadonlySet<EmulatedUpdateType> = new Set(
  UPDATE_TYPES.filter((type) => !KINDS[type].onlyWhenNamed),
);

/** Returns the type of an update. Throws for an update with no type, or with several. */
export function typeOf(update: NewUpdate): EmulatedUpdateType {
  const types = Object.keys(update).filter((key) => key in KINDS);
  const [type] = types;
  if (!type || types.length > 1) {
    throw new Error(
      `An update must carry exactly one of Telegram's update types, got ${Object.keys(update).join(', ') || 'none'}`,
    );
  }
  return type as EmulatedUpdateType;
}

export function queueOf<T extends EmulatedUpdateType>(type: T, update: NewUpdate): string {
  return KINDS[type].queue(update[type] as Payload<T>);
}

/** Returns the lifetime in milliseconds. */
export function lifetimeOf(type: EmulatedUpdateType): number {
  return KINDS[type].lifetime * 1000;
}

/**
 * Reads `allowed_updates`: a JSON array of names in any case. Unknown names are ignored, and an empty
 * list stands for the default set. Returns undefined for anything else, which changes nothing, as if
 * the parameter had been left out (telegram-bot-api, Client.cpp).
 */
export function parseAllowedUpdates(text: string): ReadonlySet<EmulatedUpdateType> | undefined {
  let names: unknown;
  try {
    names = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(names) || names.some((name) => typeof name !== 'string')) return undefined;
  const wanted = new Set(names.map((name: string) => name.toLowerCase()));
  const known = UPDATE_TYPES.filter((type) => wanted.has(type));
  const isDefault =
    known.length === DEFAULT_UPDATE_TYPES.size &&
    known.every((type) => DEFAULT_UPDATE_TYPES.has(type));
  return known.length === 0 || isDefault ? DEFAULT_UPDATE_TYPES : new Set(known);
}
