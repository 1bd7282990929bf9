import { type Reply, receive, type Update } from './receiver/index.ts';

/**
 * Your bot: the one file to edit. Telegram hands every update to `onUpdate`, which may
 * - return a Bot API call: Telegram runs it. One per update, without a token or a second request.
 * - return nothing: the update is done with.
 * - throw: the error is logged, and the update comes again.
 *
 * For more calls, or for their results, call the Bot API yourself: `botToken()`, exported beside
 * `receive`, fetches the token. Be done within seconds: an update not acknowledged in time comes again,
 * unless a queue is in between (`Delivery.queued()`).
 */
async function onUpdate({ message, callback_query: press }: Update): Promise<Reply> {
  if (message?.text?.match(/^\/start\b/)) {
    return {
      method: 'sendMessage',
      chat_id: message.chat.id,
      text: `Hello, ${message.from.first_name}! Send me something and I will say it back.`,
      reply_markup: { inline_keyboard: [[{ text: 'Or press me', callback_data: 'hello' }]] },
    };
  }
  if (message?.text) {
    return { method: 'sendMessage', chat_id: message.chat.id, text: message.text };
  }
  if (press) {
    return { method: 'answerCallbackQuery', callback_query_id: press.id, text: 'That tickles!' };
  }
}

export const handler = receive(onUpdate);
