import { type Reply, receive, type Update } from '../../functions/receiver/index.ts';

/** Throws for `throw`, calls what it cannot reach for `fetch`, and says any other text back. */
async function onUpdate({ message }: Update): Promise<Reply> {
  if (message?.text === 'throw') throw new Error('As you wish');
  if (message?.text === 'fetch') await fetch('https://example.com/');
  if (message?.text) {
    return { method: 'sendMessage', chat_id: message.chat.id, text: message.text };
  }
}

export const handler = receive(onUpdate);
