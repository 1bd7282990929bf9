import { type Reply, receive, type Update } from '../../functions/receiver/index.ts';

/** Repeats every text, except for one word that always makes it fail. */
async function onUpdate({ message }: Update): Promise<Reply> {
  if (!message?.text) return;
  if (message.text === 'poison') throw new Error('This bot always fails on that word');
  return { method: 'sendMessage', chat_id: message.chat.id, text: message.text };
}

export const handler = receive(onUpdate);
