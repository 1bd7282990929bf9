import { type Reply, receive, type Update } from '../../functions/receiver/index.ts';

/** Greets, repeats every text, and has a button: a bot for tests that need any bot. */
async function onUpdate({ message, callback_query: press }: Update): Promise<Reply> {
  if (message?.text?.startsWith('/start')) {
    return {
      method: 'sendMessage',
      chat_id: message.chat.id,
      text: `Hello, ${message.from.first_name}!`,
      reply_markup: { inline_keyboard: [[{ text: 'Press me', callback_data: 'pressed' }]] },
    };
  }
  if (message?.text) {
    return { method: 'sendMessage', chat_id: message.chat.id, text: message.text };
  }
  if (press) {
    return { method: 'answerCallbackQuery', callback_query_id: press.id, text: 'Pressed' };
  }
}

export const handler = receive(onUpdate);
