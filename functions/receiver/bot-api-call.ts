import type { Opts, Update } from '@grammyjs/types';

/** Telegram runs no reply with these: they answer with data, or would cut the webhook itself off. */
type NotFromReply = `get${string}` | 'setWebhook' | 'deleteWebhook' | 'logOut' | 'close';

/** A reply is JSON, which carries no file: name it by URL or by `file_id`. */
type NoUpload = never;

type Calls = {
  [Method in Exclude<keyof Opts<NoUpload>, NotFromReply>]: {
    method: Method;
  } & Opts<NoUpload>[Method];
};

/**
 * A Bot API call as Telegram takes it in the answer to a delivery ("webhook reply"): the method's
 * name beside its parameters, `{ method: 'sendMessage', chat_id: 1, text: 'Hi' }`. Telegram does not
 * tell how it went; when that matters, call the Bot API yourself.
 * @see https://core.telegram.org/bots/api#making-requests-when-getting-updates
 */
export type BotApiCall = Calls[keyof Calls];

/** What a bot makes of an update: a call to send as the reply, or nothing. */
// biome-ignore lint/suspicious/noConfusingVoidType: lets a bot end without a `return`.
export type Reply = BotApiCall | undefined | void;

/**
 * A bot. Returning a call has it made, returning nothing acknowledges the update, throwing has it come
 * again. Several updates may be under way at the same time, and one that was done with may come again
 * when nobody heard of it.
 */
export type OnUpdate = (update: Update) => Reply | Promise<Reply>;
