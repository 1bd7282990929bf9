import { apiRoot, botToken, receive, type Update } from '../../functions/receiver/index.ts';

/** Answers with a call of its own instead of a reply to the delivery. */
async function onUpdate({ message }: Update): Promise<void> {
  if (!message?.text) return;
  const response = await fetch(`${apiRoot()}/bot${await botToken()}/sendMessage`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ chat_id: message.chat.id, text: message.text }),
  });
  if (!response.ok) throw new Error(`sendMessage answered ${response.status}`);
}

export const handler = receive(onUpdate);
