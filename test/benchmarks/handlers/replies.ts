import { receive } from '../../../functions/receiver/index.ts';

export const handler = receive(async ({ message, callback_query: press }) => {
  if (message?.text) {
    return { method: 'sendMessage', chat_id: message.chat.id, text: message.text };
  }
  return press && { method: 'answerCallbackQuery', callback_query_id: press.id };
});
