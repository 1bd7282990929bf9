import { type Reply, receive, type Update } from '../../functions/receiver/index.ts';

async function onUpdate({ message }: Update): Promise<Reply> {
  if (message?.text) {
    return { method: 'sendMessage', chat_id: message.chat.id, text: message.text.toUpperCase() };
  }
}

export const handler = receive(onUpdate);
