import type { Opts, Update } from '@grammyjs/types';

/**
 * Telegram does not execute these from a reply: they return data, or would cut off the webhook itself.
 *
 * @see https://github.com/tdlib/telegram-bot-api `WebhookActor::handle`
 */
type NotFromReply = `get${string}` | 'setWebhook' | 'deleteWebhook' | 'logOut' | 'close';

/** A reply is JSON and carries no files: refer to a file by URL or by `file_id`. */
type NoUpload = never;

type Calls = {
  [Method in Exclude<keyof Opts<NoUpload>, NotFromReply>]: {
    method: Method;
  } & Opts<NoUpload>[Method];
};

/**
 * A Bot API call in the form that Telegram takes in the response to a delivery ("webhook reply"): the
 * method's name beside its parameters, `{ method: 'sendMessage', chat_id: 1, text: 'Hi' }`. Telegram does not
 * report the result; when you need it, call the Bot API yourself.
 *
 * @see https://core.telegram.org/bots/api#making-requests-when-getting-updates
 */
export type BotApiCall = Calls[keyof Calls];

/** What a bot returns for an update: a Bot API call to execute, or nothing. */
// biome-ignore lint/suspicious/noConfusingVoidType: lets a bot end without a `return`.
export type Reply = BotApiCall | undefined | void;

/**
 * Handles one update. Return a Bot API call, and it is executed; return nothing, and the update is done; throw,
 * and it is delivered again. Updates may be handled concurrently, and delivery is at least once: the same
 * update can arrive twice.
 */
export type OnUpdate = (update: Update, context: UpdateContext) => Reply | Promise<Reply>;

export interface UpdateContext {
  /**
   * Aborted when the time for this update is over, shortly before Lambda ends the process: pass it to `fetch`, and to
   * anything else that takes a signal.
   */
  readonly signal: AbortSignal;
}
