import { botApi, type Reply, receive, type Update } from '../../functions/receiver/index.ts';

async function onUpdate({ message }: Update): Promise<Reply> {
  if (!message?.text) return;
  const chat_id = message.chat.id;
  const { message_id } = await botApi().call('sendMessage', { chat_id, text: 'Counting …' });
  const text = `${message.text.length} letters`;
  return { method: 'editMessageText', chat_id, message_id, text };
}

export const handler = receive(onUpdate);
