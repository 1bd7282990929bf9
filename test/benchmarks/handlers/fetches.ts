import { apiRoot, botToken, receive } from '../../../functions/receiver/index.ts';

export const handler = receive(async ({ message }) => {
  const response = await fetch(`${apiRoot()}/bot${await botToken()}/sendMessage`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ chat_id: message?.chat.id, text: message?.text }),
  });
  if (!response.ok) throw new Error(`sendMessage: ${response.status}`);
  await response.json();
});
