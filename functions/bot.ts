import { type Reply, receive, type Update } from './receiver/index.ts';

/**
 * Your bot: the one file to edit. Telegram sends every update to `onUpdate`, which may
 * - return a Bot API call, one per update, and it is executed: your code needs no token and sends no request;
 * - return nothing, and the update is done;
 * - throw, and the error is logged and the update delivered again.
 *
 * To make more calls, or to use their results, call the Bot API yourself: `botApi()`, exported beside `receive`.
 * Finish within seconds, because Telegram repeats a delivery that is not acknowledged in time. Put a queue in between
 * (`Delivery.queued()`) when the bot needs longer.
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
