import { botApi, type Reply, receive, type Update } from '../../functions/receiver/index.ts';

/** Answers whatever people do: edits, commands in groups, buttons, votes, payments. For tests of such chats. */
async function onUpdate(update: Update): Promise<Reply> {
  const { message, edited_message, callback_query, poll_answer, pre_checkout_query } = update;
  const api = botApi();
  if (pre_checkout_query) {
    const { id, total_amount } = pre_checkout_query;
    const isTooMuch = total_amount > 10_000;
    return {
      ...{ method: 'answerPreCheckoutQuery', pre_checkout_query_id: id, ok: !isTooMuch },
      ...(isTooMuch && { error_message: 'Sold out' }),
    };
  }
  if (callback_query?.message) {
    const { id, message: below } = callback_query;
    await api.call('editMessageText', {
      ...{ chat_id: below.chat.id, message_id: below.message_id, text: 'Pressed' },
    });
    return { method: 'answerCallbackQuery', callback_query_id: id, text: 'Ow' };
  }
  if (poll_answer?.user) {
    const { user, option_ids } = poll_answer;
    const text = `You chose ${option_ids.join(', ')}`;
    return { method: 'sendMessage', chat_id: user.id, text };
  }
  if (edited_message) {
    const { chat, text, caption = text } = edited_message;
    return { method: 'sendMessage', chat_id: chat.id, text: `Now it is ${caption}` };
  }
  if (!message) return undefined;
  const { chat, text = '', successful_payment, new_chat_members } = message;
  const chat_id = chat.id;
  if (new_chat_members) return { method: 'sendMessage', chat_id, text: 'Hello, all' };
  if (successful_payment) return { method: 'sendMessage', chat_id, text: 'Thank you' };
  if (text.startsWith('/poll')) {
    const options = [{ text: 'Tea' }, { text: 'Coffee' }];
    return {
      ...{ method: 'sendPoll', chat_id, question: 'Which?', options },
      is_anonymous: false,
    };
  }
  if (text.startsWith('/buy')) {
    const amount = Number(text.slice('/buy '.length));
    return {
      ...{ method: 'sendInvoice', chat_id, title: 'Tea', description: 'A cup', payload: 'tea' },
      ...{ currency: 'XTR', prices: [{ label: 'Tea', amount }] },
    };
  }
  if (text.startsWith('/start')) {
    const reply_markup = { inline_keyboard: [[{ text: 'Press me', callback_data: 'x' }]] };
    return { method: 'sendMessage', chat_id, text: 'Hello', reply_markup };
  }
  return { method: 'sendMessage', chat_id, text: `You said ${text}` };
}

export const handler = receive(onUpdate);
