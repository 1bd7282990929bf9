import { type Reply, receive, type Update } from '../../functions/receiver/index.ts';

/** Says back all but one word, which it cannot stand. */
async function onUpdate({ message }: Update): Promise<Reply> {
  if (!message?.text) return;
  if (message.text === 'poison') throw new Error('This bot cannot stand that word');
  return { method: 'sendMessage', chat_id: message.chat.id, text: message.text };
}

export const handler = receive(onUpdate);
