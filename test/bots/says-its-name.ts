import { botInfo, type Reply, receive, type Update } from '../../functions/receiver/index.ts';

async function onUpdate({ message }: Update): Promise<Reply> {
  if (!message) return;
  return { method: 'sendMessage', chat_id: message.chat.id, text: `I am @${botInfo()?.username}` };
}

export const handler = receive(onUpdate);
