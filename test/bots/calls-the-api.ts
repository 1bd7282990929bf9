import { botApi, receive, type Update } from '../../functions/receiver/index.ts';

/** Answers with a call of its own instead of a reply to the delivery. */
async function onUpdate({ message }: Update): Promise<void> {
  if (!message?.text) return;
  await botApi().call('sendMessage', { chat_id: message.chat.id, text: message.text });
}

export const handler = receive(onUpdate);
