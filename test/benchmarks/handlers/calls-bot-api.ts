import { botApi, receive } from '../../../functions/receiver/index.ts';

export const handler = receive(async ({ message }) => {
  if (!message?.text) return;
  await botApi().call('sendMessage', { chat_id: message.chat.id, text: message.text });
});
