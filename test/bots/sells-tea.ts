import { botApi, type Reply, receive, type Update } from '../../functions/receiver/index.ts';

/** Returns a row of buttons. */
function buttons(...texts: string[]) {
  return { inline_keyboard: [texts.map((text) => ({ text, callback_data: text }))] };
}

/** Takes an order, as the pictures in the README show it. */
async function onUpdate({ message, callback_query: press }: Update): Promise<Reply> {
  if (message?.text === '/start') {
    const text = `<b>Welcome, ${message.from.first_name}!</b>\nWhich tea may I bring you?`;
    const reply_markup = buttons('Green', 'Black', 'Mint');
    return {
      method: 'sendMessage',
      chat_id: message.chat.id,
      text,
      parse_mode: 'HTML',
      reply_markup,
    };
  }
  if (press?.message) {
    console.log(`order: ${press.data}`);
    const { chat, message_id } = press.message;
    const ordered = `<b>${press.data} tea</b>, ready in <i>four minutes</i>.`;
    await botApi().call('editMessageText', {
      ...{ chat_id: chat.id, message_id, text: ordered },
      parse_mode: 'HTML',
      reply_markup: buttons('With milk', 'With lemon'),
    });
    return { method: 'answerCallbackQuery', callback_query_id: press.id, text: 'With pleasure' };
  }
  if (message?.text) {
    const chat_id = message.chat.id;
    const text = 'How kind. The table by the window is yours.';
    await botApi().call('sendMessage', { chat_id, text });
  }
}

export const handler = receive(onUpdate);
