import { type Reply, receive, type Update } from '../../functions/receiver/index.ts';

/** Promises something for later, which Lambda does not keep. */
async function onUpdate({ message }: Update): Promise<Reply> {
  if (!message?.text) return;
  setTimeout(() => console.log('reminded'), 60_000);
  return { method: 'sendMessage', chat_id: message.chat.id, text: 'I will remind you.' };
}

export const handler = receive(onUpdate);
