import {
  apiRoot,
  botApi,
  botToken,
  type Reply,
  receive,
  type Update,
} from '../../functions/receiver/index.ts';

/** Answers with the token and by reply, in several calls, with files, with its token, or not at all: a bot to record. */
async function onUpdate({ message, callback_query: press }: Update): Promise<Reply> {
  if (press) {
    return { method: 'answerCallbackQuery', callback_query_id: press.id, text: 'Pressed' };
  }
  if (!message) return undefined;
  const { text, photo } = message;
  const chat_id = message.chat.id;
  const api = botApi();
  if (text === 'throw') throw new Error('As you wish');
  if (text === 'token') return { method: 'sendMessage', chat_id, text: await botToken() };
  if (text === '/start') {
    await api.call('sendChatAction', { chat_id, action: 'typing' });
    const { message_id } = await api.call('sendMessage', { chat_id, text: 'Welcome' });
    return {
      ...{ method: 'sendMessage', chat_id, text: 'Choose' },
      reply_parameters: { message_id },
      reply_markup: { inline_keyboard: [[{ text: 'Press me', callback_data: 'pressed' }]] },
    };
  }
  if (photo?.[0]) {
    const { file_path = '' } = await api.call('getFile', { file_id: photo[0].file_id });
    const picture = await fetch(`${apiRoot()}/file/bot${await botToken()}/${file_path}`);
    const document = new File([Buffer.from(await picture.arrayBuffer())], 'picture.jpg');
    await api.call('sendDocument', { chat_id, document, caption: 'Your photo' });
    return undefined;
  }
  return { method: 'sendMessage', chat_id, text: `You said ${text}` };
}

export const handler = receive(onUpdate);
